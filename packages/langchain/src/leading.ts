import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { Runnable, RunnableBinding, RunnableSequence } from '@langchain/core/runnables'
import { PlimsollError } from '@plimsoll/core'
import type { Fields } from './request.ts'

/** A runnable that begins with a chat model, taken apart. */
export interface Leading {
  readonly model: BaseChatModel
  /** What is bound to the model. */
  readonly options: Fields
  /** What its answers go through: a parser, for one. */
  readonly rest: readonly Runnable[]
}

/**
 * What `bindTools`, `withConfig` and `withStructuredOutput` make of a chat model: a model with options of its own, a
 * binding around it, or a sequence that begins with either.
 *
 * @throws {PlimsollError} `invalid-config` for what begins with anything else
 */
export function leading(made: unknown): Leading {
  if (made instanceof RunnableSequence) {
    const [first, ...after] = made.steps
    const { rest, ...head } = leading(first)
    return { ...head, rest: [...rest, ...after] }
  }
  if (made instanceof RunnableBinding) {
    const { options, ...head } = leading(made.bound)
    return { ...head, options: { ...options, ...made.kwargs, ...made.config } }
  }
  if (made instanceof BaseChatModel) {
    const { defaultOptions = {} } = made as { defaultOptions?: Fields }
    return { model: made, options: defaultOptions, rest: [] }
  }
  const message =
    'A model to choose among gave something that does not begin with a chat model: leave it out.'
  throw new PlimsollError({ code: 'invalid-config', message })
}
