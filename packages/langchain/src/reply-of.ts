import type { Attributes, Host, Plimsoll, Reply } from '@plimsoll/core'
import { defined } from './attributes.ts'
import { markOf } from './governed.ts'
import { maxOutputTokensOf } from './request.ts'
import type { ChatRequest } from './request.ts'
import { thrownFor } from './thrown.ts'

export interface Asked<T> {
  readonly request: ChatRequest
  readonly host: Host<T, ChatRequest>
  /** The model that is asked, or those there are to choose among. */
  readonly models: { readonly target: string } | { readonly targets: readonly string[] }
}

/** Makes one call through `plimsoll`, bound to attributes. */
export type ReplyOf = <T>(asked: Asked<T>) => Promise<Reply<T>>

/**
 * The one edge between outcomes and LangChain, which knows only answers and errors.
 *
 * The call throws what `thrownFor` makes of an outcome that is no answer.
 */
export function replyThrough(plimsoll: Plimsoll, attributes: Attributes): ReplyOf {
  const bound = defined(attributes)
  return async ({ request, host, models }) => {
    const { options, params } = request
    const outcome = await plimsoll.execute({
      host,
      request,
      ...('target' in models ? { target: models.target, targets: [models.target] } : models),
      defaults: { ...markOf(options).attributes, ...bound },
      maxOutputTokens: maxOutputTokensOf(params),
      signal: options.signal,
    })
    if (outcome.kind === 'ok') return outcome.reply
    throw thrownFor(outcome, 'target' in models ? models.target : models.targets.join(', '))
  }
}
