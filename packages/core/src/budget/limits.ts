import type { Unit } from '../providers/profile.ts'

/** What a provider, or we, allow: the common limits by their usual names. */
export interface LimitShorthand {
  /** Requests per minute. */
  readonly rpm?: number
  /** Tokens per minute, input and output. */
  readonly tpm?: number
  /** Input tokens per minute. */
  readonly itpm?: number
  /** Output tokens per minute. */
  readonly otpm?: number
  /** Requests per day. */
  readonly rpd?: number
  /** Tokens per day. */
  readonly tpd?: number
  /** Calls at once. */
  readonly concurrency?: number
}

/** One limit, in full. */
export type LimitEntry =
  | {
      readonly unit: Unit
      readonly amount: number
      /** The window, in milliseconds. */
      readonly perMs: number
      /** @defaultValue what the provider is known to use, else `sliding-window`, which is safe for all */
      readonly algorithm?: 'token-bucket' | 'fixed-window' | 'sliding-window'
      /** How much a token bucket holds. @defaultValue `amount` */
      readonly burst?: number
    }
  | { readonly unit: 'slots'; readonly amount: number }

export type Limits = LimitShorthand | readonly LimitEntry[]

export interface TargetConfig {
  /** Whose rules apply. @defaultValue the id up to its first `/` */
  readonly provider?: string
  /** @defaultValue the id from its first `/` */
  readonly model?: string
  /**
   * Whose key it is called with: what a refused key, or a quota that is used up, closes for a while. @defaultValue the
   * provider
   */
  readonly credential?: string
  /** Targets of one pool share its limits and its queue. @defaultValue a pool of its own */
  readonly pool?: string
  /** `'learn'` finds them out from the provider's answers. @defaultValue `'learn'` without a pool, else none of its own */
  readonly limits?: Limits | 'learn'
}
