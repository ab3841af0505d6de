import { setTimeout as sleep } from 'node:timers/promises'
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import type { CallRecord, Plimsoll, PlimsollConfig, PlimsollEvent } from '@plimsoll/core'
import { createPlimsoll } from '@plimsoll/core'
import { type FakeProvider, type FakeProviderOptions, startFakeProvider } from '@plimsoll/fake-provider'
import type { LanguageModelMiddleware } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'

export { sleep }

/** Answers at once: tests are about what happens, not when. */
export const QUICK = {
  ttftMs: 1,
  ttftSigma: 0,
  tokensPerSecond: 20_000,
  outputTokens: { median: 20, sigma: 0 },
}
export const NOTHING_LEFT = { waiting: 0, reservations: 0 }

export function startFake(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  return startFakeProvider({ models: { '*': QUICK }, ...options })
}

type EventOf<K extends PlimsollEvent['type']> = Extract<PlimsollEvent, { type: K }>

export interface Listening {
  readonly plimsoll: Plimsoll
  of<K extends PlimsollEvent['type']>(type: K): EventOf<K>[]
  /** The records of calls that are over. */
  readonly records: CallRecord[]
}

export function listening(config: PlimsollConfig = {}): Listening {
  const events: PlimsollEvent[] = []
  const plimsoll = createPlimsoll({ ...config, onEvent: (event) => events.push(event) })
  const of = <K extends PlimsollEvent['type']>(type: K) =>
    events.filter((event): event is EventOf<K> => event.type === type)
  return {
    plimsoll,
    of,
    get records() {
      return of('call.finished')
    },
  }
}

/** Resolves once it is so; the machine may be slow. */
export async function until(isSo: () => boolean, what = String(isSo)): Promise<void> {
  for (let waited = 0; !isSo(); waited += 5) {
    if (waited > 10_000) throw new Error(`Not within ten seconds: ${what}`)
    // oxlint-disable-next-line no-await-in-loop -- one look after the other is the point
    await sleep(5)
  }
}

export const PROMPT: LanguageModelV4CallOptions['prompt'] = [
  { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
]

export const USAGE: LanguageModelV4GenerateResult['usage'] = {
  inputTokens: { total: 7, noCache: 5, cacheRead: 2, cacheWrite: 0 },
  outputTokens: { total: 3, text: 3, reasoning: 0 },
}

export const FINISH: LanguageModelV4StreamPart = {
  type: 'finish',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: USAGE,
}

export const START: LanguageModelV4StreamPart = { type: 'stream-start', warnings: [] }

export function deltas(count: number): LanguageModelV4StreamPart[] {
  return Array.from({ length: count }, (_, index) => ({ type: 'text-delta', id: '1', delta: `${index} ` }))
}

export function textParts(count: number): LanguageModelV4StreamPart[] {
  return [START, { type: 'text-start', id: '1' }, ...deltas(count), { type: 'text-end', id: '1' }, FINISH]
}

export function answer(text: string): LanguageModelV4GenerateResult {
  return {
    content: [{ type: 'text', text }],
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: USAGE,
    warnings: [],
  }
}

export interface Upstream {
  readonly result: LanguageModelV4StreamResult
  /** Parts that were taken from it. */
  reads: number
  cancelled: boolean
  reason: unknown
}

/** A stream that counts what is taken from it. `undefined` among its parts is a silence without end. */
export function upstream(parts: readonly (LanguageModelV4StreamPart | undefined)[], everyMs = 0): Upstream {
  const seen: Upstream = {
    reads: 0,
    cancelled: false,
    reason: undefined,
    result: {
      stream: new ReadableStream(
        {
          async pull(controller) {
            if (seen.reads >= parts.length) return controller.close()
            if (everyMs > 0) await sleep(everyMs)
            const part = parts[seen.reads++]
            if (part === undefined) return new Promise(() => {})
            controller.enqueue(part)
          },
          cancel(reason) {
            seen.cancelled = true
            seen.reason = reason
          },
        },
        { highWaterMark: 0 },
      ),
    },
  }
  return seen
}

export function streamingModel(...opened: Upstream[]): MockLanguageModelV4 {
  return new MockLanguageModelV4({ doStream: opened.map(({ result }) => result) })
}

export async function readAll<P>(stream: ReadableStream<P>): Promise<P[]> {
  const parts: P[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

/** Counts how often the host enters what is behind it. */
export function counting(): LanguageModelMiddleware & { entered: number } {
  const counter: LanguageModelMiddleware & { entered: number } = {
    entered: 0,
    wrapGenerate({ doGenerate }) {
      counter.entered++
      return doGenerate()
    },
    wrapStream({ doStream }) {
      counter.entered++
      return doStream()
    },
  }
  return counter
}

/** The reason it was rejected with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('It was not rejected.')
}

/** Takes the only slot of a target, and gives it back when told to. */
export async function holdSlot(plimsoll: Plimsoll, target: string): Promise<() => void> {
  const ticket = plimsoll.reserve({ target })
  await ticket.ready
  return () => ticket.reservation?.cancel()
}
