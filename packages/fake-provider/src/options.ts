import type { Fault } from './faults/fault.ts'

/** What a limit counts: requests, prompt and output together, uncached prompt only, or output only. */
export type LimitUnit = 'requests' | 'tokens' | 'input' | 'output'

/**
 * How a limit lets capacity come back: without steps (`token-bucket`), all at once at a boundary
 * (`fixed-window`), or as each charge leaves the last `perMs` (`sliding-window`).
 */
export type LimitAlgorithm = 'token-bucket' | 'fixed-window' | 'sliding-window'

export interface LimitOptions {
  unit: LimitUnit
  /** How much per `perMs`. */
  amount: number
  /** Real milliseconds. @defaultValue the server's `minuteMs` */
  perMs?: number
  /** @defaultValue the model's `algorithm` */
  algorithm?: LimitAlgorithm
  /** Token bucket only: the most it holds, and so the largest single request. @defaultValue `amount` */
  burst?: number
  /** Fixed window only: where its boundaries lie, in ms past a multiple of `perMs`. @defaultValue drawn by seed */
  phaseMs?: number
}

/**
 * How `tokens` limits are charged.
 *
 * - `sum`: prompt + max_tokens, kept whatever the answer's length. Without max_tokens: the prompt at admission and
 *   the output as it is generated.
 * - `max`: the larger of prompt and max_tokens, kept.
 * - `actual`: prompt + max_tokens at admission; the unused part is given back when the answer ends.
 */
export type ChargeRule = 'sum' | 'max' | 'actual'

export interface ModelOptions {
  /** Limits in full; those of the shorthand below are enforced as well. A request must fit all of them. */
  limits?: LimitOptions[]
  /** Requests a minute (`minuteMs`). */
  rpm?: number
  /** Tokens a minute, prompt and output, counted by `charge`. */
  tpm?: number
  /** Uncached prompt tokens a minute. */
  itpm?: number
  /** Output tokens a minute, counted as they are generated; `max_tokens` is ignored. */
  otpm?: number
  /** Requests a day (`dayMs`). */
  rpd?: number
  /** Tokens a day (`dayMs`). */
  tpd?: number
  /** Requests in flight, from admission until the answer is sent or the socket is gone. */
  concurrency?: number
  /** Of the shorthand, and of entries in `limits` that name none. @defaultValue 'token-bucket' */
  algorithm?: LimitAlgorithm
  /** @defaultValue 'sum' */
  charge?: ChargeRule
  /** Whether a request refused with 429 still counts one request. @defaultValue false */
  countRejected?: boolean
  /** Share one set of limits, slots included, with the model of this id (which then must be in `models`). */
  sameLimitsAs?: string
  /** Factor on the token count, 0.5 to 2. @defaultValue drawn by seed and model within 0.85 to 1.15 */
  tokenBias?: number
  /** Lognormal length of an answer. @defaultValue `{ median: 120, sigma: 0.9 }` */
  outputTokens?: { median: number; sigma: number }
  /** The longest answer of the model, whatever `max_tokens` says. @defaultValue 16384 */
  maxOutputTokens?: number
  /** Median time to the first token. @defaultValue 30 */
  ttftMs?: number
  /** Spread of that time (lognormal sigma; 0 for none). @defaultValue 0.3 */
  ttftSigma?: number
  /** Of one answer. @defaultValue 1000 */
  tokensPerSecond?: number
  /** Time before the limits are checked, as on a network: ms, or drawn evenly from a range. @defaultValue 0 */
  admissionDelayMs?: number | { min: number; max: number }
  /** When a stream's headers are sent. Answers that do not stream send theirs at the end. @defaultValue 'first-token' */
  headersAt?: 'first-token' | 'admission'
  /** Anthropic: `remaining` of token limits in whole thousands, as the real API sends it. @defaultValue false */
  roundRemaining?: boolean
  /** Values per vector. @defaultValue 8 */
  embeddingDimensions?: number
  /**
   * Count repeated prompt prefixes as cached: for OpenAI any, from `minTokens` on in steps of 128; for Anthropic those
   * that `cache_control` marks. `ttlMs` is from when they were last used. @defaultValue off
   */
  promptCache?: { minTokens?: number; ttlMs?: number }
}

export interface FakeProviderOptions {
  /** @defaultValue 0: any free one */
  port?: number
  /** Of everything drawn: biases, phases, lengths, latencies, fault rates. @defaultValue 1 */
  seed?: number
  /** Real milliseconds a "minute" of rpm, tpm, itpm, otpm takes. @defaultValue 60000 */
  minuteMs?: number
  /** Real milliseconds of rpd and tpd. @defaultValue 1440 x minuteMs */
  dayMs?: number
  /** By model id; `'*'` stands for every other id, each with limits of its own. @defaultValue `{ '*': {} }` */
  models?: Record<string, ModelOptions>
  /** The only keys let in. @defaultValue any key, or none */
  apiKeys?: string[]
  /** Faults there from the start: the same as calling `inject` with each. @defaultValue none */
  faults?: Fault[]
  /** A larger body gets 413. @defaultValue 16777216 */
  maxBodyBytes?: number
  /** Remember what was charged and delivered for this many latest `x-client-request-id`s. @defaultValue 0 */
  trackClientRequests?: number
}
