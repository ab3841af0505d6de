import type { Attributes, Priority } from '../call/attributes.ts'
import type { ReservationId } from '../store/port.ts'
import type { Estimate } from './charges.ts'
import type { Target } from './target.ts'

/** One attempt that asks for room. */
export interface Asking {
  readonly callId: string
  readonly target: Target
  readonly attributes: Attributes
  readonly priority: Priority
  readonly estimate: Estimate
  /** Clock time; `Infinity` for none. */
  readonly deadline: number
  /** The reservation of the call that this one is made inside of. */
  readonly parent: ReservationId | undefined
  /** Whether budgets that count calls are to count this attempt. */
  readonly countRequest: boolean
  /** The place of an earlier attempt of the call, which it keeps. */
  readonly seq: number | undefined
  /** Asked when the lease runs out: true when the call is still alive. */
  readonly stillAlive: (() => boolean) | undefined
  /** Called when the lease ran out and the reservation was closed. */
  readonly onAbandoned: (() => void) | undefined
}
