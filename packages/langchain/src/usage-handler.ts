import { BaseCallbackHandler } from '@langchain/core/callbacks/base'
import type { Serialized } from '@langchain/core/load/serializable'
import type { BaseMessage } from '@langchain/core/messages'
import type { LLMResult } from '@langchain/core/outputs'
import type { Plimsoll, Watch } from '@plimsoll/core'
import { callsOf, resultOf } from './callback-handler.ts'
import { resultInfo } from './parts.ts'
import { maxOutputTokensOf } from './request.ts'
import type { Fields } from './request.ts'
import { started } from './started.ts'

/** Streams that are dropped never end: as many as this are remembered. */
const MOST_WATCHED = 10_000

/**
 * Records what calls use and cost, and changes nothing: no call waits, none is refused, and no budget is charged.
 *
 * ```ts
 * const model = new ChatOpenAI({ model: 'gpt-5-mini', callbacks: [new UsageCallbackHandler(plimsoll)] })
 * ```
 * For a look at what there would be to limit: `plimsoll.report()`. Calls that are governed already are not counted again.
 */
export class UsageCallbackHandler extends BaseCallbackHandler {
  override readonly name = 'UsageCallbackHandler'
  readonly #plimsoll: Plimsoll
  readonly #watched: Map<string, Watch>

  constructor(plimsoll: Plimsoll) {
    // Awaited, though it never waits: in the background it would not know who is calling.
    super({ _awaitHandler: true })
    this.#plimsoll = plimsoll
    this.#watched = watchedUnder(plimsoll)
  }

  override copy(): UsageCallbackHandler {
    return this
  }

  override handleChatModelStart(
    llm: Serialized,
    [messages = []]: BaseMessage[][],
    runId: string,
    _parentRunId?: string,
    extraParams?: Fields,
    _tags?: string[],
    metadata?: Fields,
  ): void {
    const told = started({ llm, messages, extraParams, metadata }, this.#plimsoll)
    if (told === undefined || this.#watched.has(runId)) return
    const { target, request, defaults } = told
    const maxOutputTokens = maxOutputTokensOf(request.params)
    const input = messages.map((message) => message.text)
    const asked = { target, input, ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }) }
    const watch = this.#plimsoll.watch(asked, defaults)
    this.#watched.set(runId, watch)
    const [oldest] = this.#watched.keys()
    if (this.#watched.size > MOST_WATCHED && oldest !== undefined) this.#watched.delete(oldest)
  }

  override handleLLMNewToken(_token: string, _indices: unknown, runId: string): void {
    this.#watched.get(runId)?.content()
  }

  override handleChatModelStreamEvent(_event: unknown, runId: string): void {
    this.#watched.get(runId)?.content()
  }

  override handleLLMEnd(output: LLMResult, runId: string): void {
    const { usage, finish } = resultInfo(resultOf(output))
    this.#ended(runId)?.end({ usage, finish })
  }

  override handleLLMError(error: unknown, runId: string): void {
    this.#ended(runId)?.fail(error)
  }

  #ended(runId: string): Watch | undefined {
    const watch = this.#watched.get(runId)
    this.#watched.delete(runId)
    // A handler that governs counts it itself.
    return callsOf(this.#plimsoll).has(runId) ? undefined : watch
  }
}

/** By run: several handlers of one Plimsoll may see the same. */
const watched = new WeakMap<Plimsoll, Map<string, Watch>>()

function watchedUnder(plimsoll: Plimsoll): Map<string, Watch> {
  let watches = watched.get(plimsoll)
  if (watches === undefined) watched.set(plimsoll, (watches = new Map()))
  return watches
}
