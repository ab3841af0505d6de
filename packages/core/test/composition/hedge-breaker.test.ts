import { describe, expect, it } from 'vitest'
import { after, hedges, warmedUp } from '../support/hedging.ts'
import { httpError, outcomeOf, used } from '../support/set-up.ts'

const TARGET = 'openai/model'
const CALL = { target: TARGET, inputTokens: 1, maxOutputTokens: 1 }

describe('hedges and the breaker', () => {
  it('a request that lost says nothing against its target', async () => {
    const at = await warmedUp({ breaker: { failures: 1, openMs: 60_000 } })
    for (let call = 0; call < 5; call++) {
      const answer = at.plimsoll.call(CALL, ({ attempt }) =>
        after(at, attempt === 1 ? 60_000 : 10, used(1, 1)),
      )
      await at.clock.advance(2_000)
      await answer
    }
    expect(hedges(at)).toBeGreaterThan(0)
    expect(at.events.some(({ type }) => type === 'breaker.opened')).toBe(false)
  })

  it('the probe of a half-open one is not asked for twice', async () => {
    const at = await warmedUp({ retry: { maxAttempts: 1 }, breaker: { failures: 1, openMs: 1_000 } })
    await outcomeOf(at.plimsoll.call(CALL, () => Promise.reject(httpError(500))))
    await at.clock.advance(1_200)
    let sent = 0
    const probe = at.plimsoll.call(CALL, () => (sent++, after(at, 5_000, 'back')))
    await at.clock.advance(6_000)
    expect([await probe, sent]).toEqual(['back', 1])
  })
})

describe('hedges and their budget', () => {
  it('a target that has become slow is not asked twice by everyone', async () => {
    const at = await warmedUp({ targets: { [TARGET]: { limits: { rpm: 100_000 } } } })
    let sent = 0
    const calls = Array.from({ length: 200 }, () =>
      at.plimsoll.call(CALL, () => (sent++, after(at, 30_000, used(1, 1)))),
    )
    await at.clock.advance(40_000)
    await Promise.all(calls)
    // What was saved up, and one of twenty.
    expect(sent - 200).toBeLessThanOrEqual(10 + 200 * 0.05 + 1)
    expect(at.plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('waiting in the queue starts none: the time runs from when the request is sent', async () => {
    const at = await warmedUp({ targets: { [TARGET]: { limits: { concurrency: 1 } } } })
    const holder = at.plimsoll.reserve(CALL)
    const call = at.plimsoll.call(CALL, () => after(at, 100, used(1, 1)))
    await at.clock.advance(10_000)
    holder.reservation!.cancel()
    await at.clock.advance(200)
    await call
    expect([hedges(at), at.records().at(-1)?.attempts]).toEqual([0, 1])
  })

  it('a second request is not sent where there is no room for it, and the first one answers', async () => {
    const at = await warmedUp({ targets: { [TARGET]: { limits: { concurrency: 1 } } } })
    let sent = 0
    const call = at.plimsoll.call(CALL, () => (sent++, after(at, 10_000, used(1, 1))))
    await at.clock.advance(11_000)
    expect([await call, sent]).toEqual([used(1, 1), 1])
  })

  it('`maxAttempts` bounds it too', async () => {
    const at = await warmedUp({ retry: { maxAttempts: 1 } })
    let sent = 0
    const call = at.plimsoll.call(CALL, () => (sent++, after(at, 10_000, used(1, 1))))
    await at.clock.advance(11_000)
    await call
    expect(sent).toBe(1)
  })

  it('where one fails, the other may still answer', async () => {
    const at = await warmedUp()
    const call = at.plimsoll.call(CALL, async ({ attempt }) => {
      await after(at, attempt === 1 ? 1_000 : 2_000, undefined)
      if (attempt === 1) throw httpError(500)
      return 'answered'
    })
    await at.clock.advance(5_000)
    expect(await call).toBe('answered')
    expect(at.records()).toMatchObject([{ attempts: 2, failures: { server: 1 } }])
  })

  it('where both fail, it is tried again as one call', async () => {
    const at = await warmedUp()
    const call = at.plimsoll.call(CALL, async ({ attempt }) => {
      if (attempt > 2) return 'answered'
      await after(at, 1_000, undefined)
      throw httpError(500)
    })
    await at.clock.advance(20_000)
    expect(await call).toBe('answered')
    expect(at.records()).toMatchObject([{ attempts: 3, failures: { server: 2 } }])
  })

  it('off, nothing is sent twice', async () => {
    const at = await warmedUp({ hedge: false })
    let sent = 0
    const call = at.plimsoll.call(CALL, () => (sent++, after(at, 50_000, used(1, 1))))
    await at.clock.advance(60_000)
    await call
    expect(sent).toBe(1)
  })
})
