import { describe, expect, it } from 'vitest'
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
