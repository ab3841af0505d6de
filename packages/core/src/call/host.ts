import type { Usage } from './usage.ts'

/**
 * What a toolkit knows and the core does not: how to read a request, send it, and take its answer apart.
 * An adapter implements it once for each kind of call; every policy works through it.
 *
 * `T` is the toolkit's own answer, `Q` its own request: the core hands both around and never looks inside.
 */
export interface Host<T, Q = unknown> {
  readonly kind: 'generate' | 'stream' | 'embed' | 'call'
  /** The input as text, in order, so that it can be counted, trimmed and marked. */
  segments(request: Q): readonly Segment[]
  /**
   * The request with some segments shortened or gone: those of `segments(request)`, in order, a shortened one as
   * `{ ...segment, text }`, since an adapter may know it by more than its fields.
   */
  withSegments(request: Q, segments: readonly Segment[]): Q
  /** The request with a prompt-cache breakpoint behind each of the segments at these indexes. */
  withMark(request: Q, indexes: readonly number[]): Q
  /** Everything in the request that can change the answer, as plain data; no signal, no headers. */
  key(request: Q): unknown
  /** Sends it. Resolves when the answer opens: at the headers of a stream, at the end of a generation. */
  open(request: Q, signal: AbortSignal, attempt: AttemptInfo): Promise<Opened<T>>
  /** Takes an answer apart. Called once for each answer: a stream is consumed by it. */
  parts(value: T): Parts<T>
  /** The answer as JSON-safe data that `decode` brings back; a stream's parts are given as they were read. */
  encode(value: T, parts: readonly unknown[]): unknown
  decode(data: unknown): T
  /**
   * What the answer says as an object, as text, and the JSON schema that was asked for; `undefined` where none was.
   * `parts` of a stream. @defaultValue no answer is an object
   */
  object?(request: Q, value: T, parts: readonly unknown[]): AskedObject | undefined
  /** An answer that says `text` (and holds `object`, where a schema was asked for) without a model. */
  message(text: string, object?: unknown): T
  /** An answer that its receiver may change without touching the original. */
  copy(value: T): T
  /** What an error of this toolkit says about the HTTP exchange behind it. */
  errorFacts(error: unknown): ErrorFacts
}

export interface AskedObject {
  readonly schema: unknown
  readonly text: string
}

export interface AttemptInfo {
  readonly target: string
  /** Counted from 1. */
  readonly attempt: number
  /** How long the answer may be, where that is another length than the request says. */
  readonly maxOutputTokens?: number
  /** Of a call that its host makes by itself (`only: 'budget'`): a piece of the answer has come, and its lease starts anew. */
  readonly alive?: () => void
}

/** A stretch of the input. */
export interface Segment {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly kind: 'text' | 'tools' | 'tool-call' | 'tool-result' | 'document' | 'file' | 'schema'
  readonly text: string
  /** For what is no text (an image, a file): about how many tokens it takes. */
  readonly tokens?: number
  /** Never cut: instructions, the last question. */
  readonly pinned?: boolean
  /** Segments of one pairing (a tool call and its result) stay or go together. */
  readonly pairing?: string
}

export interface Opened<T> {
  readonly value: T
  /** The response's headers, with lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
}

export type Parts<T> =
  | { readonly kind: 'whole'; readonly info: PartInfo }
  | {
      readonly kind: 'stream'
      readonly source: AsyncIterator<unknown>
      info(part: unknown): PartInfo
      /** A part that its receiver may change. @defaultValue the part itself, for parts that cannot be changed */
      copy?(part: unknown): unknown
      /** The toolkit's answer again, over another source of the same parts. */
      value(source: AsyncIterator<unknown>): T
      /** How a stream that broke off is brought to an end. Absent where the toolkit needs none. */
      ending?(): Ending
    }

/** Watches the parts of a stream go by, so that it can say at any point what would end it properly. */
export interface Ending {
  see(part: unknown): void
  parts(): readonly unknown[]
}

/** What the core needs to know of one part of a stream, or of a whole answer. */
export interface PartInfo {
  /** It carries something the user came for: text, reasoning, the input of a tool. Keep-alives do not. */
  readonly content?: boolean
  readonly usage?: Usage
  readonly finish?: Finish
  /** The provider said in-band that it failed. */
  readonly error?: unknown
  /** About how many bytes of answer it carries: a floor for the usage of a stream that breaks. */
  readonly bytes?: number
}

export type Finish = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'interrupted' | 'other'

/** What an error says, in whatever fields its toolkit has for it. */
export interface ErrorFacts {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The provider's own words for it: `insufficient_quota`, `overloaded_error`. */
  readonly code?: string
  readonly type?: string
  readonly message?: string
  /** A system's code for a connection that failed: `ECONNRESET`. */
  readonly systemCode?: string
  readonly aborted?: boolean
  readonly timeout?: boolean
  /** The wait that an error's body asks for, as it writes it: Google's `RetryInfo.retryDelay`, such as `34s`. */
  readonly retryDelay?: string
  /** The quotas that it says were violated: Google's `QuotaFailure.violations[].quotaId`. */
  readonly quotaIds?: readonly string[]
}
