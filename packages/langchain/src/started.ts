import type { Serialized } from '@langchain/core/load/serializable'
import type { BaseMessage } from '@langchain/core/messages'
import type { Plimsoll } from '@plimsoll/core'
import { providerId } from '@plimsoll/core'
import { metadataAttributes } from './attributes.ts'
import { markOf } from './governed.ts'
import { isFields, modelOf } from './request.ts'
import type { CallOptions, ChatRequest, Fields } from './request.ts'

/** What a callback handler is told when a chat model is about to be called. */
export interface Told {
  readonly llm: Serialized
  readonly messages: readonly BaseMessage[]
  readonly extraParams: Fields | undefined
  readonly metadata: Fields | undefined
}

export interface Started {
  readonly target: string
  readonly request: ChatRequest
  /** What the call's `metadata.plimsoll` says. */
  readonly defaults: Fields
}

/** `undefined` for a call that a wrapped model has under the same Plimsoll already. */
export function started(
  { llm, messages, extraParams = {}, metadata = {} }: Told,
  plimsoll: Plimsoll,
): Started | undefined {
  const options = (isFields(extraParams['options']) ? extraParams['options'] : {}) as CallOptions
  if (markOf(options).by.includes(plimsoll)) return undefined
  const said = extraParams['invocation_params']
  const params = isFields(said) ? said : {}
  const provider = metadata['ls_provider'] ?? llm.id.at(-1)
  const model = modelOf(params) ?? metadata['ls_model_name'] ?? 'unknown'
  warnOfRetries(llm, options, plimsoll)
  return {
    target: `${providerId(String(provider))}/${String(model)}`,
    request: { messages, options, params },
    defaults: metadataAttributes(metadata),
  }
}

/** What LangChain's models do by themselves where nobody says otherwise. */
const DEFAULT_RETRIES = 6
const warned = new WeakSet<Plimsoll>()

/** A model's own retries lie below what a handler sees: up to seven requests are one start and one end. */
function warnOfRetries(llm: Serialized, options: CallOptions, plimsoll: Plimsoll): void {
  const { kwargs = {} } = llm as { kwargs?: Fields }
  // Models are written down with the names that Python has for their fields.
  const retries = Number(options['maxRetries'] ?? kwargs['max_retries'] ?? DEFAULT_RETRIES)
  if (!(retries > 0) || warned.has(plimsoll)) return
  warned.add(plimsoll)
  const message =
    `${llm.id.at(-1)} tries again by itself, up to ${retries} times, where no callback handler sees it: ` +
    'give it `maxRetries: 0`, or wrap it, withPlimsoll(model, plimsoll).'
  process.emitWarning(message, { code: 'PLIMSOLL_MAX_RETRIES', type: 'PlimsollWarning' })
}
