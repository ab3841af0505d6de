import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { BaseMessage } from '@langchain/core/messages'

/** Options of one call, as chat models hand them to their own methods. */
export type CallOptions = BaseChatModel['ParsedCallOptions'] & Fields

export type Fields = Readonly<Record<string, unknown>>

/** What a chat model is asked. */
export interface ChatRequest {
  readonly messages: readonly BaseMessage[]
  readonly options: CallOptions
  /** What the model makes of the options for its provider: model, tools, limits, everything but the messages. */
  readonly params: Fields
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How long the answer may be, by whichever name the provider has for it. */
export function maxOutputTokensOf(params: Fields): number | undefined {
  const said = [
    params['max_completion_tokens'],
    params['max_tokens'],
    params['max_output_tokens'],
    params['maxOutputTokens'],
    params['maxTokens'],
    isFields(params['inferenceConfig']) ? params['inferenceConfig']['maxTokens'] : undefined,
  ]
  // Some write -1 for as long as it likes.
  return said.find((value): value is number => typeof value === 'number' && value >= 0)
}

export function modelOf({ model, modelId }: Fields): string | undefined {
  const named = model ?? modelId
  return typeof named === 'string' && named !== '' ? named : undefined
}
