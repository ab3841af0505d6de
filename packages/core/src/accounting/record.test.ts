import { describe, expect, it } from 'vitest'
import {
  httpError,
  ONE_TRY,
  opened,
  outcomeOf,
  parts,
  setUp,
  streamHost,
  used,
} from '../../test/support/set-up.ts'

const config = { targets: { 'openai/model': { limits: { concurrency: 1 } } } } as const
const CALL = { target: 'openai/model', inputTokens: 10, maxOutputTokens: 20 }

describe('the record of a call', () => {
  it('says who and what, how it came out, what it used and how long it took', async () => {
    const { clock, plimsoll, records } = setUp(config)
    const holder = plimsoll.reserve(CALL)
    clock.timer(300, () => holder.reservation!.cancel())
    const call = plimsoll.call({ ...CALL, tenant: 'acme', mode: 'interactive' }, async () => {
      await new Promise<void>((done) => clock.timer(200, done))
      return used(9, 4)
    })
    await clock.advance(500)
    await call
    expect(records()).toMatchObject([
      {
        at: 500,
        target: 'openai/model',
        attributes: { tenant: 'acme', mode: 'interactive' },
        priority: 'high',
        outcome: 'finished',
        usage: { inputTokens: 9, outputTokens: 4 },
        estimated: false,
        attempts: 1,
        rateLimited: 0,
        latencyMs: { queue: 300, firstContent: 500, total: 500 },
      },
    ])
    expect(records()[0]).not.toHaveProperty('reason')
  })

  it('counts the attempts that a rate limit turned back', async () => {
    const { clock, plimsoll, records } = setUp(config)
    let tries = 0
    const call = plimsoll.call(CALL, async () => {
      if (++tries < 3) throw httpError(429, { 'retry-after': '1' })
      return used(9, 4)
    })
    await clock.advance(10_000)
    await call
    expect(records()).toMatchObject([{ attempts: 3, rateLimited: 2, outcome: 'finished' }])
  })

  it('gives the class of a failure, and the code of a refusal', async () => {
    const { plimsoll, records } = setUp({ ...config, ...ONE_TRY })
    await outcomeOf(plimsoll.call(CALL, () => Promise.reject(httpError(503))))
    plimsoll.reserve(CALL)
    await outcomeOf(plimsoll.call({ ...CALL, tenant: '' }, async () => 1))
    expect(records()).toMatchObject([
      { outcome: 'failed', reason: 'overloaded', attempts: 1, usage: {} },
      { outcome: 'rejected', reason: 'invalid-call', attempts: 0, usage: {} },
    ])
    expect(records()[0]!.latencyMs).not.toHaveProperty('firstContent')
  })

  it('of a call that is refused for an attribute has its attributes, and nothing of what it asks', async () => {
    const { plimsoll, records } = setUp(config)
    const asked = { target: 'openai/model', input: 'a secret', tenant: '', user: 'ann' }
    await outcomeOf(plimsoll.call(asked, async () => used(1, 1)))
    expect(records()).toMatchObject([{ reason: 'invalid-call' }])
    expect(records()[0]!.attributes).toEqual({ tenant: '', user: 'ann' })
  })

  it('of a call that was aborted under way has the estimate it was settled by, and says so', async () => {
    const { plimsoll, records } = setUp(config)
    const controller = new AbortController()
    const call = plimsoll.call({ ...CALL, signal: controller.signal }, () => {
      queueMicrotask(() => controller.abort(new Error('left')))
      return new Promise(() => {})
    })
    expect(await outcomeOf(call)).toBe('left')
    expect(records()).toMatchObject([
      { outcome: 'aborted', estimated: true, usage: { inputTokens: 10, outputTokens: 20 } },
    ])
  })

  it('of a call that left the queue has nothing to pay', async () => {
    const { plimsoll, records } = setUp(config)
    plimsoll.reserve(CALL)
    const controller = new AbortController()
    const call = plimsoll.call({ ...CALL, signal: controller.signal }, async () => 1)
    controller.abort(new Error('left'))
    await outcomeOf(call)
    expect(records()).toMatchObject([{ outcome: 'aborted', estimated: false, usage: {}, attempts: 0 }])
  })

  it('of an answer whose usage nobody told is the estimate, and says so', async () => {
    const { plimsoll, records } = setUp(config)
    await plimsoll.call(CALL, async () => 'no usage')
    expect(records()).toMatchObject([
      { outcome: 'finished', estimated: true, usage: { inputTokens: 10, outputTokens: 20 } },
    ])
  })

  it('of a stream is told when it is over, not when it opens', async () => {
    const { plimsoll, records } = setUp(config)
    const host = streamHost(() =>
      parts({ content: true }, { finish: 'stop', usage: { inputTokens: 3, outputTokens: 2 } }),
    )
    const { value, end } = await opened(plimsoll.execute({ host, request: {}, target: 'openai/model' }))
    expect(records()).toEqual([])
    await value.next()
    await value.next()
    await end
    expect(records()).toMatchObject([{ outcome: 'finished', usage: { inputTokens: 3, outputTokens: 2 } }])
  })
})
