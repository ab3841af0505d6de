import type { IncomingMessage } from 'node:http'
import { serveChat } from './chat.ts'
import type { Fields } from './checks.ts'
import type { Control } from './control.ts'
import { CONTROL_ROUTES, serveControl } from './control-routes.ts'
import { anthropic } from './dialects/anthropic.ts'
import type { Dialect } from './dialects/dialect.ts'
import { openAi } from './dialects/openai.ts'
import { responses } from './dialects/responses.ts'
import { serveEmbeddings } from './embeddings.ts'
import { ApiError } from './http/api-error.ts'
import type { Exchange } from './http/exchange.ts'
import { readJson } from './http/read-json.ts'
import type { Model } from './model.ts'
import { type Context, refuse } from './refuse.ts'
import type { State } from './state.ts'
import { countStatus } from './stats/counters.ts'

interface ApiRoute {
  dialect: Dialect
  serve(context: Context, body: Fields, model: Model): void
}

const API_ROUTES = new Map<string, ApiRoute>([
  ['/v1/chat/completions', { dialect: openAi, serve: serveChat }],
  ['/v1/responses', { dialect: responses, serve: serveChat }],
  ['/v1/embeddings', { dialect: openAi, serve: serveEmbeddings }],
  ['/v1/messages', { dialect: anthropic, serve: serveChat }],
])

/** Serves one request of either kind: those a model's client sends, and those that steer the fake. */
export function route(state: State, control: Control, exchange: Exchange): void {
  const { request } = exchange
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const api = API_ROUTES.get(path)
  const context: Context = {
    state,
    exchange,
    dialect: api?.dialect ?? guessDialect(request),
    client: undefined,
  }
  if (api) {
    serveApi(context, api)
    return
  }
  const known = CONTROL_ROUTES[path]
  const action = known?.[request.method ?? '']
  if (!known) {
    refuse(context, new ApiError('not-found', `Invalid URL (${request.method} ${path})`))
  } else if (action) {
    serveControl(context, control, action)
  } else {
    refuse(context, wrongMethod(request, Object.keys(known)))
  }
}

function guessDialect({ headers }: IncomingMessage): Dialect {
  return headers['anthropic-version'] === undefined ? openAi : anthropic
}

function wrongMethod({ method, url }: IncomingMessage, allowed: string[]): ApiError {
  const message = `Not allowed to ${method} on ${url} (Only accepts: ${allowed.join(', ')}).`
  return new ApiError('method-not-allowed', message)
}

function serveApi(context: Context, { serve }: ApiRoute): void {
  const { state, exchange } = context
  const { request } = exchange
  const clientId = request.headers['x-client-request-id']
  const client = state.clientRequests.open(typeof clientId === 'string' ? clientId : undefined)
  context.client = client
  if (client) exchange.onStatus((status) => countStatus(client, status))
  exchange.onStatus((status) => countStatus(state.total.counters, status))
  exchange.onEnd((ending) => {
    if (ending === 'aborted-by-client') state.total.counters.abortedByClient++
  })
  state.total.counters.received++
  if (request.method !== 'POST') {
    refuse(context, wrongMethod(request, ['POST']))
    return
  }
  withBody(context, (body) => {
    checkKey(state, request)
    const model = findModel(state, body['model'])
    exchange.onStatus((status) => countStatus(model.counting.counters, status))
    exchange.onEnd((ending) => {
      if (ending === 'aborted-by-client') model.counting.counters.abortedByClient++
    })
    model.counting.counters.received++
    serve(context, body, model)
  })
}

/** Reads the body, then serves; an ApiError on the way becomes its answer. */
function withBody(context: Context, serve: (body: Fields) => void): void {
  readJson(context.exchange.request, context.state.settings.maxBodyBytes, (body) => {
    if (body instanceof ApiError) {
      refuse(context, body)
      return
    }
    try {
      serve(body)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      refuse(context, error)
    }
  })
}

function checkKey({ settings }: State, { headers }: IncomingMessage): void {
  if (!settings.apiKeys) return
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  const key = headers['x-api-key'] ?? bearer
  if (typeof key !== 'string') throw new ApiError('unauthorized', "You didn't provide an API key.")
  if (!settings.apiKeys.has(key)) throw new ApiError('unauthorized', 'Incorrect API key provided.')
}

function findModel(state: State, id: unknown): Model {
  if (typeof id !== 'string' || id === '') {
    throw new ApiError('invalid-request', "Missing required parameter: 'model'.", { param: 'model' })
  }
  const model = state.models.find(id)
  if (model) return model
  throw new ApiError('model-not-found', `The model \`${id}\` does not exist or you do not have access to it.`)
}
