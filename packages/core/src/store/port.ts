import type { Calendar } from '../time/calendar.ts'

/**
 * The store: what is left of every limit and budget, and who holds what of it. The same port is met by memory,
 * within one process, and by a shared store, for many.
 */
export interface Store {
  /**
   * Does one operation. `done` is called exactly once, with an answer or a failure: before `send` returns where
   * the store is in memory, later where it is not. `send` itself never throws.
   */
  send<O extends Op>(op: O, now: number, done: (answer: AnswerTo<O>) => void): void
  /** A store that others use too tells what they do, until the returned function is called. */
  watch?(watcher: StoreWatcher): () => void
  /**
   * Whether it can say which of all who share it leads: it answers `lead` and `unlead`, and tells its watchers of keys that
   * are given up. @defaultValue false: each process leads by itself
   */
  readonly leads?: boolean
}

export interface StoreWatcher {
  /**
   * Somebody else has given something back to these buckets, or does not lead for these keys any more: whoever waits for one
   * of them may ask again.
   */
  freed(keys: readonly string[]): void
  /** The store cannot be reached, and until it can, calls are admitted so. */
  lost(instead: StoreFallback, error: unknown): void
  /** It can be reached again, and has been told what it missed. */
  regained(): void
}

/**
 * What becomes of calls while a shared store cannot be reached: each process admits within its `local` share of every
 * limit (all of it, where it shares with nobody), lets all in (`open`), or none (`closed`).
 */
export type StoreFallback = 'local' | 'open' | 'closed'

/**
 * How an amount per window is counted. A `quota` starts anew with each period of its calendar, or never; `slots` counts
 * what is in use at once and has no window.
 */
export type Algorithm = 'token-bucket' | 'fixed-window' | 'sliding-window' | 'quota' | 'slots'

/** One limit or budget, as a store keeps it. */
export interface Bucket {
  readonly key: string
  readonly algorithm: Algorithm
  /** How much fits: of a window, at once, or (`token-bucket`) in a burst. */
  readonly capacity: number
  /** The window, in milliseconds. A token bucket refills `amount` per window. Of no meaning to slots and quotas. */
  readonly perMs: number
  /** What a token bucket refills per window. @defaultValue the capacity */
  readonly amount?: number
  /** Where fixed windows begin (at this and every whole window from it), if not to be learnt from headers. */
  readonly phaseMs?: number
  /** When a quota starts anew. @defaultValue never */
  readonly calendar?: Calendar
  /**
   * Whether a charge stays pending until it is settled, and not only until it is acknowledged: for providers that
   * count output while it is generated.
   */
  readonly live?: boolean
  /** One of very many, such as a tenant's budget: a store that is full may forget it. @defaultValue false */
  readonly forgettable?: boolean
  /**
   * Whether what is reserved of it is an estimate, of which a part mostly comes back: whoever lacks it waits for calls that
   * are under way rather than for its next period. Of a provider's limit it is the provider who says what comes back.
   * @defaultValue false
   */
  readonly estimated?: boolean
  /** In how many steps a sliding window lets go of what was used. @defaultValue 240 */
  readonly steps?: number
  /** How far the provider's clock and ours may be apart. @defaultValue `min(500, perMs / 100)` */
  readonly guardMs?: number
}

export type ReservationId = number

export interface ReserveOp {
  readonly type: 'reserve'
  readonly id: ReservationId
  /** Everything that must have room: all of it is taken, or nothing. */
  readonly buckets: readonly Bucket[]
  /** As long as `buckets`: how much of each. */
  readonly amounts: readonly number[]
  /** As long as `buckets`: what must stay behind for higher priorities. */
  readonly leaves: readonly number[]
  /** Whoever asks again and again for its head waiter; each holds one claim at most. */
  readonly holder: number
  /** 0 is the highest. A claim yields to a higher one. */
  readonly rank: number
  /**
   * How many of the buckets, from the first, a refusal may lay a claim on: others must then leave room for it.
   * The rest are the caller's own, and hold nobody up.
   */
  readonly claimable: number
  readonly leaseMs: number
  /** Takes no slot of its own where this reservation holds one that it does not lend to another. */
  readonly parent?: ReservationId | undefined
}

/**
 * Asks to be the one who does what `key` stands for, for all who want it; or, of whoever does so, to go on with it. Who leads
 * is not heard of for `ttlMs` leads no more.
 */
export interface LeadOp {
  readonly type: 'lead'
  readonly key: string
  readonly holder: number
  /** 0 is the highest. Who leads yields to a higher one. */
  readonly rank: number
  readonly ttlMs: number
}

export type Op =
  | ReserveOp
  | LeadOp
  /** The provider has counted it: from now on it ages. */
  | { readonly type: 'acknowledge'; readonly id: ReservationId }
  | { readonly type: 'refresh'; readonly id: ReservationId }
  /**
   * What was really used, by position in `buckets`. With `refund` false amounts only grow. Closes the tokens; slots
   * are released too.
   */
  | {
      readonly type: 'settle'
      readonly id: ReservationId
      readonly amounts: readonly number[]
      readonly refund: boolean
    }
  | { readonly type: 'release-slots'; readonly id: ReservationId }
  /** Never sent: everything is given back. */
  | { readonly type: 'cancel'; readonly id: ReservationId }
  /** Gives up a claim: its waiter has left. */
  | { readonly type: 'unclaim'; readonly holder: number; readonly buckets: readonly Bucket[] }
  /**
   * Leads no more. Where the work is done others hear so for `overMs`: it need not be done again. With 0, the next one who
   * asks leads.
   */
  | { readonly type: 'unlead'; readonly key: string; readonly holder: number; readonly overMs: number }
  /** The provider turned a call back: nothing more for `forMs`, and then paced. */
  | {
      readonly type: 'pause'
      readonly buckets: readonly Bucket[]
      readonly forMs: number
      /** The largest single call there is, which pacing must leave room for. By position in `buckets`. */
      readonly largest: readonly number[]
    }
  /** What a header said was left when `id` was counted. Balances are never raised by it. */
  | {
      readonly type: 'observe'
      readonly bucket: Bucket
      readonly remaining: number
      /** Until the window ends (fixed) or the bucket is full. */
      readonly resetMs: number | undefined
      /** How long ago the request behind it was sent: an older word is trusted less. */
      readonly ageMs: number
    }
  /** The limit is now this large; what is held or owed stays so. */
  | { readonly type: 'resize'; readonly bucket: Bucket }
  | { readonly type: 'forget'; readonly keys: readonly string[] }
  /** Every budget that is for this holder, alone or with others: `tenant=acme`. */
  | { readonly type: 'forget-holder'; readonly holder: string }
  /** Without a trace: when would these amounts fit, and what is left? */
  | {
      readonly type: 'peek'
      readonly buckets: readonly Bucket[]
      readonly amounts: readonly number[]
      readonly leaves: readonly number[]
    }

/** What a store is told, and answers nothing to. */
export type Told = Exclude<Op, { type: 'reserve' | 'peek' | 'lead' }>

export interface Lack {
  /** Position in `buckets`. */
  readonly index: number
  /** Until the amount fits, if nobody else takes any: `Infinity` when it will not by itself. */
  readonly waitMs: number
  /** The amount is more than the bucket can ever hold. */
  readonly never: boolean
}

export type ReserveAnswer =
  | { readonly kind: 'granted' }
  | { readonly kind: 'refused'; readonly lacks: readonly Lack[] }

export type LeadAnswer =
  | { readonly kind: 'leads' }
  /** Another one does, for so long unless it asks again. */
  | { readonly kind: 'follows'; readonly untilMs: number }
  /** It was done a moment ago. */
  | { readonly kind: 'over' }

export interface Level {
  /** What could be taken now; negative where more was used than there was. */
  readonly available: number
  readonly capacity: number
  /** Until the amount asked about fits. */
  readonly waitMs: number
}

/** The store could not be asked. What it did, if anything, is not known, unless it says so. */
export interface StoreFailure {
  readonly kind: 'failure'
  readonly error: unknown
  /** It was done, but would not survive the process: to tell it again is of no use. The store has said that it is `lost`. */
  readonly done?: true
}

export type Done = { readonly kind: 'done' }

export type AnswerTo<O extends Op> =
  | StoreFailure
  | (O extends { type: 'reserve' }
      ? ReserveAnswer
      : O extends { type: 'peek' }
        ? { readonly kind: 'levels'; readonly levels: readonly Level[] }
        : O extends { type: 'lead' }
          ? LeadAnswer
          : Done)
