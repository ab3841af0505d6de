import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, vi } from 'vitest'
import { createExchange, type Exchange } from '../src/http/exchange.ts'

/** Serves one request by `serve` and calls it from a client that may fail. */
async function call(serve: (exchange: Exchange) => void): Promise<void> {
  const server = createServer((request, response) => serve(createExchange(request, response, 'id')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await Promise.allSettled([fetch(`http://127.0.0.1:${port}`).then((response) => response.text())])
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

it.each(['write', 'end', 'send', 'later'] as const)('does nothing by %s once it has ended', async (name) => {
  const task = vi.fn<() => void>()
  const ended = vi.fn<(ending: string) => void>()
  const act = (exchange: Exchange): void => {
    if (name === 'write') exchange.write('x')
    else if (name === 'end') exchange.end()
    else if (name === 'send') exchange.send(200, {}, 'x')
    else exchange.later(1, task)
  }
  await call((exchange) => {
    exchange.onEnd((ending) => {
      ended(ending)
      act(exchange)
    })
    exchange.head(200, {})
    exchange.write('x')
    exchange.break('reset')
    // The socket is gone, though nobody has been told yet.
    act(exchange)
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(ended.mock.calls).toEqual([['broken-by-server']])
  expect(task).not.toHaveBeenCalled()
})
