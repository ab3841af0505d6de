import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, vi } from 'vitest'
import { createExchange, type Exchange } from '../src/http/exchange.ts'

/** Serves one request by `serve`; says what came of it before it ended, and whether it ended well. */
async function call(serve: (exchange: Exchange) => void): Promise<{ text: string; whole: boolean }> {
  const server = createServer((request, response) => serve(createExchange(request, response, 'id')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let text = ''
  let whole = false
  try {
    const response = await fetch(`http://127.0.0.1:${port}`)
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString()
    whole = true
  } catch {
    // What is asked is how far it got.
  }
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  return { text, whole }
}

function act(exchange: Exchange, name: 'write' | 'end' | 'send' | 'later', task: () => void): void {
  if (name === 'write') exchange.write('more')
  else if (name === 'end') exchange.end()
  else if (name === 'send') exchange.send(200, {}, 'more')
  else exchange.later(1, task)
}

it.each(['write', 'end', 'send', 'later'] as const)('does nothing by %s once it is broken', async (name) => {
  const task = vi.fn<() => void>()
  const ended = vi.fn<(ending: string) => void>()
  const result = await call((exchange) => {
    exchange.onEnd((ending) => {
      ended(ending)
      act(exchange, name, task)
    })
    exchange.head(200, {})
    exchange.write('x')
    exchange.break('after-writes')
    // The socket is still there, and nobody has been told yet.
    act(exchange, name, task)
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(result).toEqual({ text: 'x', whole: false })
  expect(ended.mock.calls).toEqual([['broken-by-server']])
  expect(task).not.toHaveBeenCalled()
})

it.each(['write', 'end'] as const)('bears a socket that is gone before it is told, by %s', async (name) => {
  const ended = vi.fn<(ending: string) => void>()
  await call((exchange) => {
    exchange.onEnd(ended)
    exchange.head(200, {})
    exchange.request.socket.destroy()
    act(exchange, name, () => {})
    setImmediate(() => act(exchange, name, () => {}))
  })
  expect(ended.mock.calls).toEqual([['aborted-by-client']])
})
