import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { ChatModelStreamEvent } from '@langchain/core/language_models/event'
import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import type { BaseMessage } from '@langchain/core/messages'
import type { ChatGenerationChunk, ChatResult } from '@langchain/core/outputs'
import type { AttemptInfo, Attributes, Plimsoll } from '@plimsoll/core'
import { chunks } from './chunks.ts'
import { events } from './events.ts'
import { generateHost } from './generate-host.ts'
import { isMadeUnder, madeUnder } from './governed.ts'
import { withLength } from './length.ts'
import { endSoFar, markMessage, marksOf } from './marks.ts'
import { replyThrough } from './reply-of.ts'
import type { Asked } from './reply-of.ts'
import { maxOutputTokensOf } from './request.ts'
import type { CallOptions, ChatRequest } from './request.ts'
import { chunksOf, eventsOf } from './streams-of.ts'
import { iterate } from './stream.ts'
import { streamHost } from './stream-host.ts'

/** A model that is to be asked, and how: not every model takes the options as they came. */
export interface Asking {
  readonly model: BaseChatModel
  readonly options: CallOptions
}

/** What a call is of: one model, or one of many, which an attempt names. */
export interface Askable {
  /** Of the one model, or of the first, for all of them. */
  paramsOf(options: CallOptions): ChatRequest['params']
  modelsOf(request: ChatRequest): Asked<unknown>['models']
  askingOf(target: string, options: CallOptions): Asking
}

export interface Call {
  readonly of: Askable
  readonly messages: readonly BaseMessage[]
  readonly options: CallOptions
  readonly manager: CallbackManagerForLLMRun | undefined
}

/** The three ways in which a chat model can be asked, each under `plimsoll`. */
export interface Governor {
  generate(call: Call): Promise<ChatResult>
  chunks(call: Call): AsyncGenerator<ChatGenerationChunk>
  events(call: Call): AsyncGenerator<ChatModelStreamEvent>
}

export function governor(plimsoll: Plimsoll, attributes: Attributes): Governor {
  const replyOf = replyThrough(plimsoll, attributes)

  /** The model as an attempt asks it: once, and for as long as the attempt goes on. */
  function sent(
    { of, options: { signal: around } }: Call,
    { options, params }: ChatRequest,
    { signal, attempt }: { signal: AbortSignal; attempt: AttemptInfo },
  ): Asking {
    const asking = of.askingOf(attempt.target, { ...options, signal, maxRetries: 0 } as CallOptions)
    madeUnder(signal, around, plimsoll)
    // Only where it is another than was asked for: each of several models has its own.
    const { maxOutputTokens: length } = attempt
    return length === maxOutputTokensOf(params)
      ? asking
      : { ...asking, model: withLength(asking.model, length) }
  }

  return {
    async generate(call) {
      const { of, messages, options, manager } = call
      if (isMadeUnder(options.signal, plimsoll))
        return direct(call)._generate([...messages], options, manager)
      const request = requestOf(call)
      const host = generateHost(request, (asked, signal, attempt) => {
        const { model, options: own } = sent(call, asked, { signal, attempt })
        return model._generate([...asked.messages], own, manager)
      })
      const reply = await replyOf({ request, host, models: of.modelsOf(request) })
      const marks = marksOf(reply, await endSoFar(reply))
      for (const { message } of reply.value.generations) markMessage(message, marks)
      return reply.value
    },

    async *chunks(call) {
      const { of, messages, options, manager } = call
      if (isMadeUnder(options.signal, plimsoll)) {
        yield* direct(call)._streamResponseChunks([...messages], options, manager)
        return
      }
      const request = requestOf(call)
      const host = streamHost(chunks, request, (asked, signal, attempt) => {
        const { model, options: own } = sent(call, asked, { signal, attempt })
        return chunksOf(model, [...asked.messages], own)
      })
      const reply = await replyOf({ request, host, models: of.modelsOf(request) })
      let isFirst = true
      for await (const chunk of iterate(reply.value.source)) {
        if (isFirst) markMessage(chunk.message, marksOf(reply))
        isFirst = false
        yield chunk
        // Told here and not by the model itself: an answer may be from the cache, or from a call that others share.
        const { prompt = 0, completion = 0 } = chunk.generationInfo ?? {}
        const fields = { chunk }
        await manager?.handleLLMNewToken(
          chunk.text,
          { prompt, completion },
          undefined,
          undefined,
          undefined,
          fields,
        )
      }
    },

    async *events(call) {
      const { of, messages, options, manager } = call
      if (isMadeUnder(options.signal, plimsoll)) {
        yield* direct(call)._streamChatModelEvents([...messages], options, manager)
        return
      }
      const request = requestOf(call)
      const host = streamHost(events, request, (asked, signal, attempt) => {
        const { model, options: own } = sent(call, asked, { signal, attempt })
        return eventsOf(model, [...asked.messages], own)
      })
      const reply = await replyOf({ request, host, models: of.modelsOf(request) })
      for await (const event of iterate(reply.value.source)) {
        if (event.event !== 'message-finish') yield event
        else {
          const plimsollMarks = marksOf(reply, await endSoFar(reply))
          yield { ...event, responseMetadata: { ...event.responseMetadata, plimsoll: plimsollMarks } }
        }
      }
    },
  }
}

function requestOf({ of, messages, options }: Call): ChatRequest {
  return { messages, options, params: of.paramsOf(options) }
}

function direct({ of, options }: Call): BaseChatModel {
  return of.askingOf('', options).model
}
