import type { Call } from '../call/call.ts'
import type { End, Reply } from '../call/outcome.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/within.ts'
import type { Validate } from './ladder.ts'

/** `validate` may take this long, where the call's deadline is not nearer. */
const LONGEST_MS = 10_000

export interface Whole<T> {
  /** To be handed out in place of the one that was read. */
  readonly reply: Reply<T>
  /** What there is to judge: of a stream its parts, else the answer. */
  readonly answer: unknown
  readonly end: End
  /** What broke it, where it is not whole. */
  readonly broken: { readonly error: unknown } | undefined
}

/** Reads an answer to its end, since what has been handed out cannot be taken back. */
export async function wholeOf<T>(call: Call<T>, reply: Reply<T>): Promise<Whole<T>> {
  const parts = call.host.parts(reply.value)
  if (parts.kind === 'whole') return { reply, answer: reply.value, end: await reply.end, broken: undefined }
  const read: unknown[] = []
  let broken: Whole<T>['broken']
  try {
    for (let next = await parts.source.next(); next.done !== true; next = await parts.source.next()) {
      read.push(next.value)
      const { error } = parts.info(next.value)
      if (error !== undefined) broken = { error }
    }
  } catch (error) {
    broken = { error }
  }
  const end = await reply.end
  if (end.how !== 'finished') broken ??= { error: end.error ?? new Error('The answer broke off.') }
  return { reply: { ...reply, value: parts.value(again(read)) }, answer: read, end, broken }
}

function again(parts: readonly unknown[]): AsyncIterator<unknown> {
  const iterator = parts[Symbol.iterator]()
  return {
    next: async () => iterator.next(),
    return: async () => ({ done: true, value: undefined }),
  }
}

export type Judgement = 'good' | 'refused' | 'threw' | 'timeout' | 'aborted'

/** Asks the task's `validate`; its time is the call's. */
export async function judge<T>(
  call: Call<T>,
  validate: Validate,
  { whole: { answer, reply, end }, clock, now }: { whole: Whole<T>; clock: Clock; now: () => number },
): Promise<Judgement> {
  const since = now()
  const ms = Math.max(0, Math.min(LONGEST_MS, call.deadline - since))
  const info = { target: reply.target, usage: end.usage }
  const timed = await within(() => validate(answer, info), { clock, ms, signal: call.signal })
  call.state.validationMs += now() - since
  if (timed.kind !== 'done') return timed.kind
  return timed.value === true ? 'good' : 'refused'
}
