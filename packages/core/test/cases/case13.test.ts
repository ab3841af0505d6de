import { describe, expect, it } from 'vitest'
import { HOUR } from '../support/caching.ts'
import { opened, parts, setUp, streamHost } from '../support/set-up.ts'

const config = { targets: { 'openai/model': { limits: { concurrency: 1 } } } } as const
const STREAM = { request: {}, target: 'openai/model', maxOutputTokens: 10 }
const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }

describe('case 13: the slot of a stream', () => {
  it('is held until the stream ends, not only until it opens', async () => {
    const { plimsoll, left } = setUp(config)
    const host = streamHost(() => parts({ content: true }, { content: true }, { finish: 'stop' }))
    const { value, end } = await opened(plimsoll.execute({ host, ...STREAM }))
    const waiting = plimsoll.reserve(CALL)
    await value.next()
    await value.next()
    expect([waiting.state, await left('openai/model', 'slots')]).toEqual(['queued', 0])
    await value.next()
    expect((await end).how).toBe('finished')
    expect(waiting.state).toBe('granted')
  })

  it('is free once its reader leaves', async () => {
    const { plimsoll, left } = setUp(config)
    const host = streamHost(() => parts({ content: true }, { content: true }))
    const { value, end } = await opened(plimsoll.execute({ host, ...STREAM }))
    await value.return!()
    expect([(await end).how, await left('openai/model', 'slots')]).toEqual(['aborted', 1])
  })

  it('is free once its caller aborts, though the source does not listen', async () => {
    const { plimsoll, left } = setUp(config)
    const controller = new AbortController()
    const host = streamHost(async function* silent() {
      yield { content: true }
      await new Promise(() => {})
    })
    const { value, end } = await opened(plimsoll.execute({ host, ...STREAM, signal: controller.signal }))
    await value.next()
    const pull = value.next().catch((error: Error) => error.message)
    controller.abort(new Error('left'))
    expect([await pull, (await end).how]).toEqual(['left', 'aborted'])
    expect(await left('openai/model', 'slots')).toBe(1)
  })
})

describe('case 13: the slot of a cache hit', () => {
  const cached = { ...config, tasks: { faq: { cache: { ttlMs: HOUR } } } } as const

  it('there is none: it takes none, waits for none, and frees none that it never took', async () => {
    const { plimsoll, left, records } = setUp(cached)
    const ask = () => plimsoll.call({ ...CALL, input: 'q', task: 'faq' }, async () => 'answer')
    await ask()
    const held = plimsoll.reserve(CALL)
    expect(held.state).toBe('granted')
    expect(await ask()).toBe('answer')
    expect(records()[1]).toMatchObject({ cache: 'hit', latencyMs: { queue: 0, total: 0 } })
    expect(await left('openai/model', 'slots')).toBe(0)
    held.reservation!.settle({ inputTokens: 1 }, 'exact')
    expect(await left('openai/model', 'slots')).toBe(1)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('a replayed stream that nobody reads holds nothing, and drain does not wait for it', async () => {
    const { plimsoll } = setUp(cached)
    const host = streamHost(() => parts({ content: true }, { finish: 'stop' }))
    const ask = () => opened(plimsoll.execute({ host, ...STREAM, attributes: { task: 'faq' } }))
    const { value } = await ask()
    while ((await value.next()).done !== true);
    await ask()
    expect(await plimsoll.drain()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('ten that share a stream hold one, until the last of them has left', async () => {
    const { plimsoll, left } = setUp(cached)
    const host = streamHost(() => parts({ content: true }, { content: true }, { finish: 'stop' }))
    const ask = () => opened(plimsoll.execute({ host, ...STREAM, attributes: { task: 'faq' } }))
    const streams = await Promise.all(Array.from({ length: 10 }, ask))
    for (const { value } of streams.slice(1)) void value.return!()
    expect(await left('openai/model', 'slots')).toBe(0)
    await streams[0]!.value.return!()
    expect(await left('openai/model', 'slots')).toBe(1)
  })
})
