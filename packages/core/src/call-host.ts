import { fromPlain, toPlain } from './caching/plain.ts'
import { PlimsollError } from './call/errors.ts'
import type { Host, PartInfo, Segment } from './call/host.ts'
import type { Usage } from './call/usage.ts'
import { errorFacts } from './providers/error-facts.ts'

/** What the function of `plimsoll.call` is handed. */
export interface CallContext {
  readonly target: string
  /** Aborts when the caller leaves. Hand it on. */
  readonly signal: AbortSignal
  /** Counted from 1. */
  readonly attempt: number
}

/** The host of `plimsoll.call`: any async function, whose answer is whatever it resolves with. */
export function functionHost<T>(
  fn: (context: CallContext) => Promise<T>,
  readUsage: (value: T) => Usage | undefined,
): Host<T> {
  return {
    kind: 'call',
    segments: inputSegments,
    withSegments: (_request, segments) => segments.map(({ text }) => text).join('\n'),
    // A function sends what it likes: there is no request of ours to mark.
    withMark: (request) => request,
    key: (request) => request,
    open: async (_request, signal, { target, attempt }) => ({ value: await fn({ target, signal, attempt }) }),
    parts: (value) => ({ kind: 'whole', info: infoOf(value, readUsage) }),
    encode: toPlain,
    decode: (data) => fromPlain(data) as T,
    message: (text, object) => (object ?? text) as T,
    copy: (value) => structuredClone(value),
    errorFacts,
  }
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
