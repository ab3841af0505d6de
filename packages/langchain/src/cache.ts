import { BaseCache } from '@langchain/core/caches'
import type { ChatGeneration, Generation } from '@langchain/core/outputs'
import type { Plimsoll } from '@plimsoll/core'
import { PlimsollError } from '@plimsoll/core'
import { resultInfo } from './parts.ts'
import { decodeResult, encodeResult, toPlain } from './plain.ts'
import { isFields } from './request.ts'

export interface PlimsollCacheOptions {
  /** How long an answer is good. */
  readonly ttlMs: number
  /** Who shares an entry. @defaultValue 'tenant' */
  readonly scope?: 'tenant' | 'shared'
}

/**
 * A cache for LangChain's own place for one, kept on the levels of Plimsoll's (`cache` of the configuration):
 *
 * ```ts
 * const model = new ChatOpenAI({ model: 'gpt-5-mini', cache: new PlimsollCache(plimsoll, { ttlMs: 3_600_000 }) })
 * ```
 * Only a keyed hash is kept of the question, and of LangChain's key, which holds the API key in plain text. Each tenant has
 * entries of its own: the tenant that `plimsoll.with` has set around the call. What is handed out is a copy. Answers that
 * were cut or filtered are not kept, and no failure of it fails a call.
 *
 * **When to use**: for models that are not wrapped. LangChain asks it in `invoke` and `batch` only, never in `stream`; a
 * task's `cache` knows streams, twins and stale answers.
 *
 * **Gotcha**: metadata is not shown to a cache: a tenant that only `metadata.plimsoll` names is not known here.
 *
 * @throws {PlimsollError} `invalid-config` for a `ttlMs` that is no time
 */
export class PlimsollCache extends BaseCache {
  readonly #plimsoll: Plimsoll
  readonly #options: PlimsollCacheOptions

  constructor(plimsoll: Plimsoll, options: PlimsollCacheOptions) {
    super()
    if (!Number.isFinite(options.ttlMs) || options.ttlMs <= 0) {
      const message = `\`ttlMs\` is ${options.ttlMs}; use a number of milliseconds above 0.`
      throw new PlimsollError({ code: 'invalid-config', message })
    }
    this.#plimsoll = plimsoll
    this.#options = options
  }

  override async lookup(prompt: string, llmKey: string): Promise<Generation[] | null> {
    const kept = await this.#plimsoll.cache.lookup(keyOf(prompt, llmKey), this.#options)
    try {
      return kept === undefined ? null : decode(kept)
    } catch {
      // Others may write to a shared store.
      return null
    }
  }

  override async update(prompt: string, llmKey: string, generations: Generation[]): Promise<void> {
    try {
      if (!areWorthKeeping(generations)) return
      await this.#plimsoll.cache.keep(keyOf(prompt, llmKey), encode(generations), this.#options)
    } catch {
      // What cannot be written down is not kept.
    }
  }
}

function keyOf(prompt: string, llmKey: string): unknown {
  return { langchain: prompt, llm: llmKey }
}

/** Only whole and good answers are, and none that stood in for one. */
function areWorthKeeping(generations: readonly Generation[]): boolean {
  const ofChat = generations.filter(isOfChat)
  const isDegraded = ofChat.some(({ message }) => {
    const { plimsoll } = message.response_metadata
    return isFields(plimsoll) && (plimsoll['degraded'] !== undefined || plimsoll['cache'] !== undefined)
  })
  const { finish } = ofChat.length > 0 ? resultInfo({ generations: ofChat }) : {}
  return !isDegraded && (finish === undefined || finish === 'stop' || finish === 'tool-calls')
}

function isOfChat(generation: Generation): generation is ChatGeneration {
  return 'message' in generation
}

function encode(generations: readonly Generation[]): unknown {
  if (generations.every(isOfChat)) return { chat: encodeResult({ generations: [...generations] }) }
  return { texts: toPlain(generations.map(({ text, generationInfo }) => ({ text, generationInfo }))) }
}

function decode(data: unknown): Generation[] {
  const { chat, texts } = data as { chat?: unknown; texts?: Generation[] }
  if (texts !== undefined) return texts
  return decodeResult(chat).generations
}
