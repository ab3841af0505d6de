import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { providerId } from '@plimsoll/core'
import { modelOf } from './request.ts'
import type { CallOptions, Fields } from './request.ts'

/** `provider/model`, as LangChain names both to those who trace it. */
export function targetOf(model: BaseChatModel, options: CallOptions, params: Fields): string {
  const { ls_provider: provider = model._llmType(), ls_model_name: name } = model.getLsParams(options)
  return `${providerId(provider)}/${modelOf(params) ?? name ?? model._llmType()}`
}
