import { fromPlain, toPlain } from './caching/plain.ts'
import { PlimsollError } from './call/errors.ts'
import type { AttemptInfo, ErrorFacts, Host, Opened, PartInfo, Parts, Segment } from './call/host.ts'
import type { Usage } from './call/usage.ts'
import { errorFacts } from './providers/error-facts.ts'

/** What the function of `plimsoll.call` is handed. */
export interface CallContext {
  readonly target: string
  /** Aborts when the caller leaves. Hand it on. */
  readonly signal: AbortSignal
  /** Counted from 1. */
  readonly attempt: number
  /** How long the answer may be, where the call or its task says so. Hand it on. */
  readonly maxOutputTokens?: number
}

/** The host of `plimsoll.call`: any async function, whose answer is whatever it resolves with. */
export class FunctionHost<T> implements Host<T> {
  readonly kind = 'call'
  readonly #fn: (context: CallContext) => Promise<T>
  readonly #readUsage: (value: T) => Usage | undefined

  constructor(fn: (context: CallContext) => Promise<T>, readUsage: (value: T) => Usage | undefined) {
    this.#fn = fn
    this.#readUsage = readUsage
  }

  segments(request: unknown): readonly Segment[] {
    return inputSegments(request)
  }

  withSegments(_request: unknown, segments: readonly Segment[]): unknown {
    return segments.map(({ text }) => text).join('\n')
  }

  /** A function sends what it likes: there is no request of ours to mark. */
  withMark(request: unknown): unknown {
    return request
  }

  key(request: unknown): unknown {
    return request
  }

  open(_request: unknown, signal: AbortSignal, attempt: AttemptInfo): Promise<Opened<T>> {
    const context: CallContext =
      attempt.maxOutputTokens === undefined
        ? { target: attempt.target, signal, attempt: attempt.attempt }
        : { ...attempt, signal }
    return Promise.resolve(this.#fn(context)).then(opened)
  }

  parts(value: T): Parts<T> {
    return { kind: 'whole', info: infoOf(value, this.#readUsage) }
  }

  encode(value: T): unknown {
    return toPlain(value)
  }

  decode(data: unknown): T {
    return fromPlain(data) as T
  }

  message(text: string, object?: unknown): T {
    return (object ?? text) as T
  }

  copy(value: T): T {
    return structuredClone(value)
  }

  errorFacts(error: unknown): ErrorFacts {
    return errorFacts(error)
  }
}

function opened<T>(value: T): Opened<T> {
  return { value }
}

function infoOf<T>(value: T, readUsage: (value: T) => Usage | undefined): PartInfo {
  try {
    const usage = readUsage(value)
    return usage === undefined ? { content: true } : { content: true, usage }
  } catch {
    // The answer is there; what it cost is then estimated, and marked so.
    return { content: true }
  }
}

/** An input as its user gave it: a text, texts, or anything that can be written as JSON. */
export function inputSegments(input: unknown): readonly Segment[] {
  if (input === undefined) return []
  const texts = Array.isArray(input) && input.every((part) => typeof part === 'string') ? input : [input]
  return texts.map((part) => ({
    role: 'user',
    kind: 'text',
    // Nothing is known of what was said before: all of it is the question.
    pinned: true,
    text: typeof part === 'string' ? part : written(part),
  }))
}

/** @throws {PlimsollError} `invalid-call` for what JSON cannot hold */
function written(input: unknown): string {
  try {
    const text = JSON.stringify(input) as string | undefined
    if (text !== undefined) return text
  } catch {
    // Told below, with the mend.
  }
  const message =
    '`input` cannot be written as JSON, so it cannot be counted: pass its text, or `inputTokens`.'
  throw new PlimsollError({ code: 'invalid-call', message })
}
