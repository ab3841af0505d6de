import type { PlimsollError } from '../call/errors.ts'
import type { Unit } from '../providers/profile.ts'

/** What would happen to a call now. */
export type Decision =
  | { readonly kind: 'process' }
  | { readonly kind: 'queue'; readonly waitMs: number }
  /** Another of the task's targets answers at once, or sooner. */
  | { readonly kind: 'fallback'; readonly to: string }
  /** A lesser answer by this rung of the task's. */
  | { readonly kind: 'degrade'; readonly rung: string; readonly to?: string }
  | { readonly kind: 'reject'; readonly reason: PlimsollError }

/** What one target would say to a call now. */
export type Verdict =
  | Extract<Decision, { kind: 'process' | 'queue' }>
  | { readonly kind: 'reject'; readonly side: 'target' | 'caller'; readonly reason: PlimsollError }

/** What is left of a target's limits. */
export interface Headroom {
  readonly target: string
  readonly waiting: number
  readonly limits: readonly {
    readonly key: string
    readonly unit: Unit | 'slots' | 'usd'
    /** Negative where more was used than there was; `Infinity` where the limit is not known yet. */
    readonly available: number
    readonly capacity: number
  }[]
}
