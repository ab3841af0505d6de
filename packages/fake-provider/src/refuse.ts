import type { Dialect } from './dialects/dialect.ts'
import type { Fault } from './faults/fault.ts'
import { ApiError } from './http/api-error.ts'
import type { Exchange } from './http/exchange.ts'
import type { Model } from './model.ts'
import type { State } from './state.ts'
import type { ClientRequestStats } from './stats/stats.ts'

/** Where an answer goes: what every step of serving a request is handed. */
export interface Context {
  state: State
  exchange: Exchange
  dialect: Dialect
  /** Where to note what this request's `x-client-request-id` got, if that is tracked. */
  client: ClientRequestStats | undefined
}

/** Sends an error as the dialect writes it, with the limits' headers when the model is known. */
export function refuse({ state, exchange, dialect }: Context, error: ApiError, model?: Model): void {
  const { requestId } = exchange
  const { status, headers, body } = dialect.error(error, { model: model?.id ?? '', requestId })
  exchange.send(
    status,
    {
      'content-type': 'application/json',
      [dialect.requestIdHeader]: requestId,
      ...(model && dialect.limitHeaders(model, state.now())),
      ...headers,
    },
    JSON.stringify(body),
  )
}

/** Answers with a fault that stands in for the model; false when this one does not. */
export function answerFault(context: Context, fault: Fault, model: Model): boolean {
  switch (fault.kind) {
    case 'connection-reset':
      context.exchange.break('reset')
      return true
    case 'rate-limit': {
      const message = `Rate limit reached for ${model.id}. Please slow down.`
      const { retryAfterMs } = fault
      // The limits' headers are a hint as well: without one, none of them.
      refuse(
        context,
        new ApiError('rate-limit', message, { retryAfterMs }),
        retryAfterMs === undefined ? undefined : model,
      )
      return true
    }
    case 'insufficient-quota': {
      const message = 'You exceeded your current quota, please check your plan and billing details.'
      refuse(context, new ApiError('insufficient-quota', message), model)
      return true
    }
    case 'overloaded': {
      const message = 'The server is currently overloaded with other requests. Sorry about that!'
      refuse(context, new ApiError('overloaded', message, { retryAfterMs: fault.retryAfterMs }), model)
      return true
    }
    case 'server-error': {
      const message = 'The server had an error while processing your request. Sorry about that!'
      refuse(context, new ApiError('server-error', message), model)
      return true
    }
    default:
      return false
  }
}

export function isCharged(fault: Fault): boolean {
  return (fault.kind === 'server-error' || fault.kind === 'connection-reset') && fault.charged === true
}
