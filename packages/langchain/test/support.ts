import { setTimeout as sleep } from 'node:timers/promises'
import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { ChatOpenAI } from '@langchain/openai'
import type { CallRecord, Plimsoll, PlimsollConfig, PlimsollEvent } from '@plimsoll/core'
import { createPlimsoll } from '@plimsoll/core'
import { type FakeProvider, type FakeProviderOptions, startFakeProvider } from '@plimsoll/fake-provider'

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

export interface ModelOptions {
  readonly model?: string
  readonly apiKey?: string
  readonly maxRetries?: number
  readonly streaming?: boolean
  readonly maxTokens?: number
  readonly fetch?: typeof fetch
}

export function openai({ url }: FakeProvider, { fetch, ...options }: ModelOptions = {}): ChatOpenAI {
  const configuration = { baseURL: `${url}/v1`, ...(fetch && { fetch }) }
  return new ChatOpenAI({ model: 'm', apiKey: 'k', configuration, ...options })
}

export function anthropic({ url }: FakeProvider, { fetch, ...options }: ModelOptions = {}): ChatAnthropic {
  const clientOptions = fetch && { fetch }
  return new ChatAnthropic({
    model: 'm',
    apiKey: 'k',
    anthropicApiUrl: url,
    ...(clientOptions && { clientOptions }),
    ...options,
  })
}

export interface Client {
  readonly target: string
  make(provider: FakeProvider, options?: ModelOptions): BaseChatModel
}

export const CLIENTS: Readonly<Record<string, Client>> = {
  OpenAI: { target: 'openai/m', make: openai },
  Anthropic: { target: 'anthropic/m', make: anthropic },
}
