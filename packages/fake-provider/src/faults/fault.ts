/** Which requests a fault meets, and how often. */
export interface FaultMatch {
  /** Only this model. @defaultValue every model */
  model?: string
  /** How many requests it meets before it is used up. @defaultValue 1, or without end when `rate` is given */
  times?: number
  /** The share of matching requests it meets, 0 to 1, drawn by seed. @defaultValue 1 */
  rate?: number
  /** Let this many matching requests pass first. @defaultValue 0 */
  afterRequests?: number
}

/**
 * A fault on command. Those in the first group answer instead of the model; of them `server-error` and
 * `connection-reset` may come after the request was charged (`charged: true`), so that a caller cannot know.
 *
 * - `rate-limit`: 429 with this hint; with no hint at all when `retryAfterMs` is left out.
 * - `insufficient-quota`: OpenAI 429 `insufficient_quota`; Anthropic 400, usage limits reached.
 * - `overloaded`: OpenAI 503, Anthropic 529. `server-error`: 500.
 * - `connection-reset`: the socket is destroyed before any header.
 *
 * The others start with an admitted request and spoil its answer. A chunk is one piece of a stream's content.
 *
 * - `slow-first-token`: `ms` more before the first token.
 * - `stall`: after `afterChunks` (default 1) nothing more is sent; an answer in one piece never comes.
 * - `keep-alive-only`: headers, then only keep-alives (SSE comments, Anthropic pings, blank lines before JSON).
 * - `cut`: the socket is destroyed after `afterChunks` (default 1), or halfway through a body in one piece.
 * - `error-event`: streams only; an error event after `afterChunks` (default 1), then the end.
 * - `malformed`: a body that is no JSON; in a stream one data line that is none, after `afterChunks` (default 1).
 * - `missing-usage`: an answer without its usage.
 * - `wrong-answer`: whole, well-formed and paid for, and no use: its text begins with `WRONG`, its JSON and a tool's
 *   arguments are an empty object.
 *
 * `stall` and `keep-alive-only` last `forMs`, then the answer goes on; without it they last until the client goes.
 */
export type Fault = FaultMatch &
  (
    | { kind: 'rate-limit'; retryAfterMs?: number }
    | { kind: 'insufficient-quota' }
    | { kind: 'overloaded'; retryAfterMs?: number }
    | { kind: 'server-error'; charged?: boolean }
    | { kind: 'connection-reset'; charged?: boolean }
    | { kind: 'slow-first-token'; ms: number }
    | { kind: 'stall'; afterChunks?: number; forMs?: number }
    | { kind: 'keep-alive-only'; everyMs?: number; forMs?: number }
    | { kind: 'cut'; afterChunks?: number }
    | { kind: 'error-event'; afterChunks?: number }
    | { kind: 'malformed'; afterChunks?: number }
    | { kind: 'missing-usage' }
    | { kind: 'wrong-answer' }
  )

export type FaultKind = Fault['kind']

/** The fields of each kind besides those of FaultMatch, with the type each must have. */
export const FAULT_FIELDS: Record<FaultKind, Record<string, 'number' | 'boolean'>> = {
  'rate-limit': { retryAfterMs: 'number' },
  'insufficient-quota': {},
  overloaded: { retryAfterMs: 'number' },
  'server-error': { charged: 'boolean' },
  'connection-reset': { charged: 'boolean' },
  'slow-first-token': { ms: 'number' },
  stall: { afterChunks: 'number', forMs: 'number' },
  'keep-alive-only': { everyMs: 'number', forMs: 'number' },
  cut: { afterChunks: 'number' },
  'error-event': { afterChunks: 'number' },
  malformed: { afterChunks: 'number' },
  'missing-usage': {},
  'wrong-answer': {},
}
