import { BaseCallbackHandler } from '@langchain/core/callbacks/base'
import type { Serialized } from '@langchain/core/load/serializable'
import type { BaseMessage } from '@langchain/core/messages'
import type { ChatGeneration, ChatResult, LLMResult } from '@langchain/core/outputs'
import type { Plimsoll } from '@plimsoll/core'
import { PlimsollError } from '@plimsoll/core'
import { ObservedCall } from './observed-call.ts'
import type { Fields } from './request.ts'
import { started } from './started.ts'

export interface CallbackHandlerOptions {
  /**
   * That a handler can let in and count, and no more, is fine, although the configuration asks for more.
   * @defaultValue such a configuration is an error
   */
  readonly only?: 'budget'
}

/**
 * Lets calls in and accounts for them, where code can only attach callbacks:
 *
 * ```ts
 * await chain.invoke(input, { callbacks: [new PlimsollCallbackHandler(plimsoll)] })
 * ```
 * A call waits in the queue before it is sent, leaves it on an abort, and is refused by an error. Attached wherever, and
 * however often, it counts a call once, and none that a wrapped model governs.
 *
 * **When to use**: where the model is out of reach. `withPlimsoll` does the same exactly, and all the rest.
 *
 * **Gotcha**: LangChain tells of no end when a stream is left: its room is given back when its lease runs out (`leaseMs`),
 * which each piece starts anew. A call that takes longer than that in one piece is settled by its estimate. Calls of
 * `model.streamEvents()` without a version fire no callbacks at all, and are not seen. LangChain prints each refusal to the
 * console.
 *
 * @throws {PlimsollError} `invalid-config` where the configuration asks for more than a handler can do
 */
export class PlimsollCallbackHandler extends BaseCallbackHandler {
  override readonly name = 'PlimsollCallbackHandler'
  readonly #plimsoll: Plimsoll
  readonly #calls: Map<string, ObservedCall>

  constructor(plimsoll: Plimsoll, { only }: CallbackHandlerOptions = {}) {
    // Awaited, or there would be no waiting; and what it throws stops the call.
    super({ raiseError: true })
    const beyond = only === 'budget' ? [] : plimsoll.beyondBudget()
    if (beyond.length > 0) {
      const fields = beyond.map((field) => `\`${field}\``).join(', ')
      const message =
        `A callback handler lets calls in and counts them; it cannot do what ${fields} asks for. ` +
        "Wrap the model, withPlimsoll(model, plimsoll), or say that this is enough: { only: 'budget' }."
      throw new PlimsollError({ code: 'invalid-config', message })
    }
    this.#plimsoll = plimsoll
    this.#calls = callsOf(plimsoll)
  }

  /** LangChain copies handlers; calls that are under way are known to this one. */
  override copy(): PlimsollCallbackHandler {
    return this
  }

  override async handleChatModelStart(
    llm: Serialized,
    [messages = []]: BaseMessage[][],
    runId: string,
    _parentRunId?: string,
    extraParams?: Fields,
    _tags?: string[],
    metadata?: Fields,
  ): Promise<void> {
    const told = started({ llm, messages, extraParams, metadata }, this.#plimsoll)
    if (told === undefined) return
    const known = this.#calls.get(runId)
    if (known !== undefined) return known.admitted
    const { request, target, defaults } = told
    const call = new ObservedCall(this.#plimsoll, request, { target, defaults })
    this.#calls.set(runId, call)
    void call.over.then(() => this.#calls.delete(runId))
    const siblings = siblingsOf(extraParams ?? {})
    siblings.add(call)
    try {
      await call.admitted
    } catch (error) {
      // Of several that begin together none is sent when one is refused, and nobody tells of the end of the others.
      for (const sibling of siblings) sibling.leave(error)
      throw error
    }
  }

  override handleLLMNewToken(_token: string, _indices: unknown, runId: string): void {
    this.#calls.get(runId)?.alive()
  }

  override handleChatModelStreamEvent(_event: unknown, runId: string): void {
    this.#calls.get(runId)?.alive()
  }

  override async handleLLMEnd(output: LLMResult, runId: string): Promise<void> {
    await this.#calls.get(runId)?.answered(resultOf(output))
  }

  override async handleLLMError(error: unknown, runId: string): Promise<void> {
    await this.#calls.get(runId)?.failed(error)
  }
}

/** What a handler is told at the end, as the model gave it. */
export function resultOf({ generations: [generations = []], llmOutput }: LLMResult): ChatResult {
  const ofChat = generations.filter((one): one is ChatGeneration => 'message' in one)
  return { generations: ofChat, ...(llmOutput === undefined ? {} : { llmOutput }) }
}

/** Calls under way, by run: several handlers of one Plimsoll may see the same. */
const underWay = new WeakMap<Plimsoll, Map<string, ObservedCall>>()

export function callsOf(plimsoll: Plimsoll): Map<string, ObservedCall> {
  let calls = underWay.get(plimsoll)
  if (calls === undefined) underWay.set(plimsoll, (calls = new Map()))
  return calls
}

/** Calls of one `generate` are told of with one and the same object. */
const together = new WeakMap<object, Set<ObservedCall>>()

function siblingsOf(extraParams: object): Set<ObservedCall> {
  let siblings = together.get(extraParams)
  if (siblings === undefined) together.set(extraParams, (siblings = new Set()))
  return siblings
}
