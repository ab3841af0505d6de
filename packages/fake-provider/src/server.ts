import { createServer, type Server } from 'node:http'
import { type Control, createControl } from './control.ts'
import { createFaults } from './faults/faults.ts'
import { createExchange, type Exchange } from './http/exchange.ts'
import { createModels } from './model.ts'
import type { FakeProviderOptions } from './options.ts'
import { createRandom, mix } from './random.ts'
import { route } from './routes.ts'
import { resolveSettings } from './settings.ts'
import type { State } from './state.ts'
import { createClientRequests } from './stats/client-requests.ts'
import { createCounting } from './stats/counters.ts'

/** A running server. */
export interface FakeProvider extends Control, AsyncDisposable {
  /** `http://127.0.0.1:PORT`: clients want it with `/v1` behind. */
  readonly url: string
  readonly port: number
  /** Destroys every socket and ends every timer. */
  close(): Promise<void>
}

/** More than a burst of clients that all connect at once. */
const BACKLOG = 4096

/**
 * Starts an OpenAI- and Anthropic-compatible server on 127.0.0.1 that enforces its limits.
 *
 * @throws TypeError or RangeError that names the option at fault.
 */
export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const settings = resolveSettings(options)
  const startedAt = performance.now()
  const now = (): number => performance.now() - startedAt
  const state: State = {
    settings,
    now,
    random: createRandom(settings.seed),
    faults: createFaults(),
    models: createModels(settings, now),
    total: createCounting(now()),
    clientRequests: createClientRequests(settings.trackClientRequests),
  }
  const control = createControl(state)
  for (const fault of settings.faults) control.inject(fault)

  const open = new Set<Exchange>()
  let requests = 0
  const server = createServer({ noDelay: true }, (request, response) => {
    requests++
    const id = mix(settings.seed, requests).toString(16).padStart(8, '0') + requests.toString(36)
    const exchange = createExchange(request, response, id)
    open.add(exchange)
    exchange.onEnd(() => open.delete(exchange))
    route(state, control, exchange)
  })
  // Clients keep sockets for the next call, which must not meet a server that has just closed one.
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  server.headersTimeout = 0
  const port = await listen(server, settings.port)
  const close = async (): Promise<void> => {
    // The server is closed before the last sockets are: whoever reads stats then wants nothing in flight.
    const ended = [...open].map((exchange) => new Promise<void>((resolve) => exchange.onEnd(() => resolve())))
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await Promise.all([closed, ...ended])
  }
  return { ...control, url: `http://127.0.0.1:${port}`, port, close, [Symbol.asyncDispose]: close }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
