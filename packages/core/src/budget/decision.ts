import type { PlimsollError } from '../call/errors.ts'
import type { Unit } from '../providers/profile.ts'

/** What would happen to a call now. */
export type Decision =
  | { readonly kind: 'process' }
  | { readonly kind: 'queue'; readonly waitMs: number }
  | { readonly kind: 'reject'; readonly reason: PlimsollError }

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
