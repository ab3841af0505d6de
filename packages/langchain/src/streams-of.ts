import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { ChatModelStreamEvent } from '@langchain/core/language_models/event'
import { AIMessageChunk } from '@langchain/core/messages'
import type { AIMessageChunkFields, BaseMessage } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import type { CallOptions } from './request.ts'

const BASE = BaseChatModel.prototype

/** The answer in chunks; of a model that does not stream, in one. */
export function chunksOf(
  model: BaseChatModel,
  messages: BaseMessage[],
  options: CallOptions,
): AsyncGenerator<ChatGenerationChunk> {
  const streams = model._streamResponseChunks !== BASE._streamResponseChunks && !model.disableStreaming
  return streams ? model._streamResponseChunks(messages, options) : inOne(model, messages, options)
}

/** The answer as events; where a model has none of its own, as LangChain makes them of its chunks. */
export function eventsOf(
  model: BaseChatModel,
  messages: BaseMessage[],
  options: CallOptions,
): AsyncGenerator<ChatModelStreamEvent> {
  if (model._streamChatModelEvents !== BASE._streamChatModelEvents)
    return model._streamChatModelEvents(messages, options)
  const streaming = { _streamResponseChunks: () => chunksOf(model, messages, options) }
  return BASE._streamChatModelEvents.call(streaming as never, messages, options)
}

async function* inOne(
  model: BaseChatModel,
  messages: BaseMessage[],
  options: CallOptions,
): AsyncGenerator<ChatGenerationChunk> {
  const { generations } = await model._generate(messages, options)
  for (const { message, text, generationInfo } of generations) {
    const chunk = new AIMessageChunk({ ...message } as AIMessageChunkFields)
    yield new ChatGenerationChunk({ message: chunk, text, ...(generationInfo && { generationInfo }) })
  }
}
