import { createPlimsoll, errorFacts } from '@plimsoll/core'
import type { Host, PartInfo, Parts, PlimsollConfig, PlimsollEvent } from '@plimsoll/core'
import { virtualClock } from '@plimsoll/core/testing'
import type { VirtualClock } from '@plimsoll/core/testing'

export const MINUTE = 60_000
export const DAY = 86_400_000

/** Whoever is admitted at all is admitted in the end: nothing is refused for the length of its wait. */
export const PATIENT = { queue: { maxWaitMs: 30 * DAY } } as const

/** What fails, fails: it is not tried again, and its target goes on being called. */
export const ONE_TRY = { retry: { maxAttempts: 1 }, breaker: { failures: 1_000 } } as const

export function setUp(config: PlimsollConfig = {}, clock: VirtualClock = virtualClock()) {
  const events: PlimsollEvent[] = []
  const plimsoll = createPlimsoll({ clock, onEvent: (event) => events.push(event), ...config })
  const records = () => events.filter((event) => event.type === 'call.finished')
  /** What is left of a target's limit. */
  const left = async (target: string, unit: string) => {
    const { limits } = await plimsoll.headroom(target)
    return limits.find((limit) => limit.unit === unit)!.available
  }
  return { clock, events, plimsoll, records, left }
}

/** How it came out: its answer, or the code of the refusal, or the message of another error. */
export async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message
  }
}

/** An answer with this usage, as OpenAI reports it. */
export function used(input: number, output = 0) {
  return { usage: { prompt_tokens: input, completion_tokens: output } }
}

export function httpError(status: number, headers: Record<string, string> = {}): Error {
  return Object.assign(new Error(`status ${status}`), { status, headers })
}

/** What fails is not tried again where it failed; another target may be. */
export const NO_REPEATS = { retry: { budget: 0 }, breaker: { failures: 1_000 } } as const

/** A host whose answers are streams of parts, each of which its test decides on. */
export function streamHost(
  source: (signal: AbortSignal) => AsyncIterator<PartInfo>,
): Host<AsyncIterator<unknown>> {
  return {
    kind: 'stream',
    segments: () => [],
    withSegments: (request) => request,
    withMark: (request) => request,
    key: (request) => request,
    open: async (_request, signal) => ({ value: source(signal) }),
    parts: (value): Parts<AsyncIterator<unknown>> => ({
      kind: 'stream',
      source: value,
      info: (part) => part as PartInfo,
      copy: (part) => structuredClone(part),
      value: (over) => over,
    }),
    encode: (_value, list) => list,
    decode: (data) => parts(...(data as PartInfo[])),
    message: () => {
      throw new Error('asked for no message')
    },
    copy: (value) => value,
    errorFacts,
  }
}

/** A host whose answers are whole, and say of themselves what the core needs to know. */
export function wholeHost(answer: () => PartInfo): Host<PartInfo> {
  return {
    kind: 'generate',
    segments: () => [],
    withSegments: (request) => request,
    withMark: (request) => request,
    key: (request) => request,
    open: async () => ({ value: answer() }),
    parts: (value) => ({ kind: 'whole', info: value }),
    encode: (value) => value,
    decode: (data) => data as PartInfo,
    message: () => {
      throw new Error('asked for no message')
    },
    copy: (value) => structuredClone(value),
    errorFacts,
  }
}

export async function* parts(...list: readonly PartInfo[]): AsyncGenerator<PartInfo> {
  yield* list
}

/** The opened stream, or a throw. */
export async function opened<T>(outcome: Promise<{ kind: string; reply?: T }>): Promise<T> {
  const { kind, reply } = await outcome
  if (reply === undefined) throw new Error(`expected a stream, and it was ${kind}`)
  return reply
}
