import { AsyncLocalStorage } from 'node:async_hooks'
import { NONE } from './attributes.ts'
import type { Attributes } from './attributes.ts'
import type { CallRecord } from './record.ts'
import type { Reservation } from './ticket.ts'

/** What holds for every call made inside of some function, however deep. */
export interface Scope {
  readonly attributes: Attributes
  /** Clock time after which no answer is of use; `Infinity` for none. */
  readonly deadline: number
  /** Aborts when the step of a workflow around is over its time. */
  readonly signal?: AbortSignal | undefined
  /** Told of the calls of a run. */
  readonly run: RunScope | undefined
  /** The reservation of the call that runs the function: a call inside may borrow its slot. */
  readonly reservation: Reservation | undefined
}

export interface RunScope {
  /** A call has begun; the function it returns is to be called when its reply is over. */
  began(): (record: CallRecord) => void
  /** A step of it took so long. */
  stepped(name: string, ms: number): void
  /** An optional step was given up. */
  gaveUp(): void
}

const OUTERMOST: Scope = {
  attributes: NONE,
  deadline: Number.POSITIVE_INFINITY,
  run: undefined,
  reservation: undefined,
}

const storage = new AsyncLocalStorage<Scope>()

export function currentScope(): Scope {
  return storage.getStore() ?? OUTERMOST
}

/** What a call runs is made inside of its reservation. Field by field, since each call does it. */
export function inReservation<R>(reservation: Reservation, fn: () => R): R {
  const { attributes, deadline, signal, run } = currentScope()
  return storage.run({ attributes, deadline, signal, run, reservation }, fn)
}

export function inScope<R>(change: Partial<Scope>, fn: () => R): R {
  return storage.run({ ...currentScope(), ...change }, fn)
}
