import type { Attributes, Host, Plimsoll, Reply } from '@plimsoll/core'
import { forwardedAttributes } from './options.ts'
import type { Params } from './options.ts'
import { thrownFor } from './thrown.ts'

export interface Asked<T, Q> {
  readonly params: Q
  readonly host: Host<T, Q>
  /** The model that is asked, or those there are to choose among. */
  readonly models: { readonly target: string } | { readonly targets: readonly string[] }
}

/** Makes one call through `plimsoll`, bound to attributes. */
export type ReplyOf = <T, Q extends Params>(asked: Asked<T, Q>) => Promise<Reply<T>>

/**
 * The one edge between outcomes and the AI SDK, which knows only answers and errors.
 *
 * The call throws what `thrownFor` makes of an outcome that is no answer.
 */
export function replyThrough(plimsoll: Plimsoll, attributes: Attributes): ReplyOf {
  const bound = defined(attributes)
  return async ({ params, host, models }) => {
    const outcome = await plimsoll.execute({
      host,
      request: params,
      ...('target' in models ? { target: models.target, targets: [models.target] } : models),
      defaults: bound,
      forwarded: forwardedAttributes(params.providerOptions),
      maxOutputTokens: params.maxOutputTokens,
      signal: params.abortSignal,
    })
    if (outcome.kind === 'ok') return outcome.reply
    throw thrownFor(outcome, 'target' in models ? models.target : models.targets.join(', '))
  }
}

function defined(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}
