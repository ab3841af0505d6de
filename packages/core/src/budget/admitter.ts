import type { PlimsollError } from '../call/errors.ts'
import type { Store, Told } from '../store/port.ts'
import type { Clock } from '../time/clock.ts'
import type { BegunRuns } from './begun-runs.ts'
import type { TenantLine } from './tenant-line.ts'
import type { Ask, Waiter } from './waiter.ts'

/** What a pool needs of whoever it admits for. */
export interface Admitter {
  readonly clock: Clock
  readonly store: Store
  readonly runs: BegunRuns
  /** How long the store holds what nobody renews. */
  readonly storeLeaseMs: number
  /** Time that never goes back. */
  now(): number
  nextId(): number
  granted(waiter: Waiter, line: TenantLine | undefined, now: number): void
  rejected(waiter: Waiter): void
  /** Why nothing may be sent to its target now, whatever room there is. */
  closedOff(ask: Ask): PlimsollError | undefined
  entered(waiter: Waiter, predictedMs: number): void
  /** Sends an operation until the store has taken it. */
  sendSurely(op: Told, now: number): void
  storeFailed(error: unknown): void
}
