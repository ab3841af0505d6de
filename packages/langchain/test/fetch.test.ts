import { AsyncResource } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { createPlimsollFetch, PlimsollCallbackHandler, routedChatModel, withPlimsoll } from '../src/index.ts'
import { opened } from '../src/opening.ts'
import { CLIENTS, listening, openai, QUICK, startFake } from './support.ts'

const LIMITS = { rpm: 40, tpm: 30_000 }

describe.each(Object.entries(CLIENTS))('the fetch, in a client of %s', (_name, { make, target }) => {
  const models = { '*': { ...QUICK, ...LIMITS } }

  it('lets the limits be learnt from answers that succeed', async () => {
    await using server = await startFake({ models })
    const host = listening()
    const fetch = createPlimsollFetch(host.plimsoll)
    await withPlimsoll(make(server, { fetch }), host.plimsoll).invoke('Hello')
    const { limits } = await host.plimsoll.headroom(target)
    expect(limits.find(({ unit }) => unit === 'requests')).toMatchObject({ capacity: 40 })
    expect(host.of('limit.learnt').length).toBeGreaterThan(0)
  })

  it('without it they are not', async () => {
    await using server = await startFake({ models })
    const host = listening()
    await withPlimsoll(make(server), host.plimsoll).invoke('Hello')
    const { limits } = await host.plimsoll.headroom(target)
    expect(limits.find(({ unit }) => unit === 'requests')?.capacity).not.toBe(40)
  })

  it('tells a handler’s target, too, which it knows by the request alone', async () => {
    await using server = await startFake({ models })
    const host = listening()
    const fetch = createPlimsollFetch(host.plimsoll)
    const callbacks = [new PlimsollCallbackHandler(host.plimsoll)]
    await make(server, { fetch, maxRetries: 0 }).invoke('Hello', { callbacks })
    const { limits } = await host.plimsoll.headroom(target)
    expect(limits.find(({ unit }) => unit === 'requests')).toMatchObject({ capacity: 40 })
  })

  it('shows what others have taken', async () => {
    await using server = await startFake({ models })
    const host = listening({ targets: { [target]: { limits: { rpm: 40 } } } })
    const fetch = createPlimsollFetch(host.plimsoll)
    const model = withPlimsoll(make(server, { fetch }), host.plimsoll)
    server.consume({ model: 'm', unit: 'requests', amount: 30 })
    for await (const _chunk of await model.stream('Hello'));
    const { limits } = await host.plimsoll.headroom(target)
    expect(limits.find(({ unit }) => unit === 'requests')!.available).toBeLessThan(15)
  })
})

describe('the fetch', () => {
  const headers = { 'x-ratelimit-limit-requests': '40', 'x-ratelimit-remaining-requests': '7' }
  const ask = { body: '{"model":"m"}' }

  function answering(target: string) {
    const { plimsoll } = listening({ targets: { [target]: { limits: { rpm: 100 } } } })
    const fetch = createPlimsollFetch(plimsoll, async () => new Response('{}', { headers }))
    const available = async () => (await plimsoll.headroom(target)).limits[0]?.available
    return { available, send: () => fetch('https://a.example/v1/chat/completions', ask) }
  }

  it('hands the headers to the call that is being opened, where the request is its own', async () => {
    const { send, available } = answering('openai/m')
    const { headers: seen } = await opened({ target: 'x', model: 'm' }, send)
    expect(seen).toMatchObject(headers)
    expect(await available()).toBe(100)
  })

  it('goes by the request alone where a queue of the client has mixed them up', async () => {
    const other = answering('openai/m')
    expect((await opened({ target: 'x', model: 'other' }, other.send)).headers).toBeUndefined()
    expect(await other.available()).toBe(7)
    const late = answering('openai/m')
    let send: () => Promise<unknown> = late.send
    await opened({ target: 'x', model: 'm' }, async () => {
      send = AsyncResource.bind(late.send)
    })
    await send()
    expect(await late.available()).toBe(7)
  })

  it('tells the target by which a routed model knows its model, one request at a time or many', async () => {
    await using server = await startFake({ models: { '*': { ...QUICK, ...LIMITS } } })
    const host = listening()
    const fetch = createPlimsollFetch(host.plimsoll)
    const model = routedChatModel(host.plimsoll, { 'openai/eu': openai(server, { fetch }) })
    const capacityOf = async (target: string) =>
      (await host.plimsoll.headroom(target)).limits.find(({ unit }) => unit === 'requests')?.capacity
    for await (const _chunk of await model.stream('a'));
    expect(await capacityOf('openai/eu')).toBe(40)
    await Promise.all(['b', 'c', 'd'].map((text) => model.invoke(text)))
    expect(await capacityOf('openai/eu')).toBe(40)
    expect(await capacityOf('openai/m')).not.toBe(40)
  })

  it('hands on what it cannot read, as it is', async () => {
    const { plimsoll } = listening()
    const asked: unknown[] = []
    const fetch = createPlimsollFetch(plimsoll, async (input, init) => {
      asked.push([String(input), init?.body])
      return new Response('ok')
    })
    const bodies = ['{', '{"model":7}', new Uint8Array(3), undefined]
    for (const body of bodies)
      expect(
        await (await fetch('https://a.example/v1/chat/completions', { ...(body && { body }) })).text(),
      ).toBe('ok')
    await fetch(new URL('https://a.example/other'))
    expect(asked).toHaveLength(5)
  })

  it('leaves an error that the connection has', async () => {
    const failing = createPlimsollFetch(listening().plimsoll, () =>
      Promise.reject(new TypeError('fetch failed')),
    )
    const asked = failing('https://a.example/v1/chat/completions', { body: '{"model":"m"}' })
    await expect(asked).rejects.toThrow('fetch failed')
  })
})
