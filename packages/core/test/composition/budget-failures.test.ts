import { describe, expect, it } from 'vitest'
import { after, hedges, warmedUp } from '../support/hedging.ts'
import { DAY, httpError, MINUTE, ONE_TRY, outcomeOf, setUp, used } from '../support/set-up.ts'

const A = 'openai/model'
const CALL = { target: A, tenant: 'acme', inputTokens: 10, maxOutputTokens: 10 } as const
const prices = { [A]: { input: 1, output: 1 } } as const
const PER_ATTEMPT = 20e-6

const fails = (status: number) => () => Promise.reject(httpError(status))
const hangs = () => new Promise<never>(() => {})

/** What is left of the tenant's budgets, by unit. */
async function leftOf({ plimsoll }: Pick<ReturnType<typeof setUp>, 'plimsoll'>) {
  const { limits } = await plimsoll.headroom(A, { tenant: 'acme' })
  const own = limits.filter(({ key }) => key.startsWith('budget:tenant=acme'))
  return Object.fromEntries(own.map(({ unit, available }) => [unit, available]))
}

describe('budgets and retry', () => {
  const budgets = [{ per: 'tenant', requests: 5, tokens: 1_000, usd: 1, every: 'day' }] as const

  it('a call that is tried three times is one request, and pays for what it got', async () => {
    const host = setUp({ budgets, prices })
    const call = host.plimsoll.call(CALL, async ({ attempt }) => {
      if (attempt < 3) throw httpError(503)
      return used(10, 10)
    })
    await host.clock.advance(MINUTE)
    await call
    expect(await leftOf(host)).toEqual({ requests: 4, tokens: 980, usd: 1 - PER_ATTEMPT })
  })

  it('a budget that is used up by others meanwhile is the end of it, and no reason to sleep', async () => {
    const host = setUp({
      budgets: [{ per: 'tenant', tokens: 40, every: 'day' }],
      queue: { maxWaitMs: 20_000 },
    })
    let sent = 0
    const call = outcomeOf(host.plimsoll.call(CALL, () => (sent++, fails(503)())))
    await host.clock.advance(0)
    await host.plimsoll.call({ ...CALL, inputTokens: 20, maxOutputTokens: 20 }, async () => used(20, 20))
    await host.clock.advance(MINUTE)
    expect([await call, sent]).toEqual(['wait-too-long', 1])
  })

  it('what was refused for want of it is not tried again', async () => {
    const host = setUp({ budgets: [{ per: 'tenant', requests: 1, every: 'day' }] })
    await host.plimsoll.call(CALL, async () => used(1, 1))
    let sent = 0
    const refused = outcomeOf(host.plimsoll.call(CALL, async () => sent++))
    await host.clock.advance(0)
    expect([await refused, sent]).toEqual(['wait-too-long', 0])
    expect(host.events.filter(({ type }) => type === 'retry.scheduled')).toEqual([])
  })
})

describe('budgets and hedges', () => {
  const budgets = [
    { per: 'tenant', requests: 10, tokens: 1_000, every: 'day', when: { tenant: 'acme' } },
  ] as const

  it('two requests are one call, and the tokens of both are paid for', async () => {
    const at = await warmedUp({ budgets, prices })
    const call = at.plimsoll.call(CALL, ({ attempt }) => after(at, attempt === 1 ? MINUTE : 10, used(10, 10)))
    await at.clock.advance(2_000)
    await call
    expect(await leftOf(at)).toEqual({ requests: 9, tokens: 960 })
    const [record] = at.records()
    expect(record!.wastedUsd).toBeCloseTo(PER_ATTEMPT, 12)
    expect(record!.costUsd).toBeCloseTo(2 * PER_ATTEMPT, 12)
  })

  it('no second request is sent that the budget has nothing left for; the first one answers', async () => {
    const at = await warmedUp({ budgets: [{ ...budgets[0], tokens: 30 }] })
    let sent = 0
    const call = at.plimsoll.call(CALL, () => (sent++, after(at, 5_000, used(10, 10))))
    await at.clock.advance(6_000)
    expect([await call, sent, hedges(at)]).toEqual([used(10, 10), 1, 1])
  })
})

describe('budgets and the breaker', () => {
  const config = { ...ONE_TRY, breaker: { failures: 1, openMs: MINUTE } } as const

  it('a call that its budget refuses says nothing of its target', async () => {
    const host = setUp({ ...config, budgets: [{ per: 'tenant', requests: 1, every: 'day' }] })
    await host.plimsoll.call(CALL, async () => 1)
    for (let nth = 0; nth < 20; nth++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await outcomeOf(host.plimsoll.call(CALL, async () => 1))).toBe('wait-too-long')
    }
    expect(await host.plimsoll.call({ ...CALL, tenant: 'other' }, async () => 'called')).toBe('called')
    expect(host.events.some(({ type }) => type === 'breaker.opened')).toBe(false)
  })

  it('a call that an open one refuses uses nothing of its budgets', async () => {
    const host = setUp({ ...config, budgets: [{ per: 'tenant', requests: 5, tokens: 1_000, every: 'day' }] })
    await outcomeOf(host.plimsoll.call({ ...CALL, tenant: 'other' }, fails(503)))
    for (let nth = 0; nth < 20; nth++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await outcomeOf(host.plimsoll.call(CALL, async () => 1))).toBe('circuit-open')
    }
    expect(await leftOf(host)).toEqual({ requests: 5, tokens: 1_000 })
  })

  it('a probe that waits for its tenant’s budget keeps nobody else from probing', async () => {
    const host = setUp({ ...config, queue: { maxWaitMs: 2 * MINUTE }, budgets: [{ per: 'tenant', rpm: 1 }] })
    await host.plimsoll.call(CALL, async () => 1)
    await outcomeOf(host.plimsoll.call({ ...CALL, tenant: 'other' }, fails(503)))
    await host.clock.advance(MINUTE * 1.3)
    // One request of the minute is used up again: this one waits, and is no probe while it does.
    await host.plimsoll.call({ ...CALL, target: 'openai/another' }, async () => 1)
    const waiting = outcomeOf(host.plimsoll.call(CALL, async () => 'mine'))
    await host.clock.advance(0)
    expect(await host.plimsoll.call({ ...CALL, tenant: 'third' }, async () => 'back')).toBe('back')
    await host.clock.advance(2 * MINUTE)
    expect(await waiting).toBe('mine')
  })
})

describe('budgets and timeouts', () => {
  it('an attempt that took too long is paid for as it was estimated: nobody knows what it came to', async () => {
    const host = setUp({
      ...ONE_TRY,
      prices,
      timeouts: { attemptMs: 1_000 },
      budgets: [{ per: 'tenant', requests: 5, tokens: 1_000, usd: 1, every: 'day' }],
    })
    const call = outcomeOf(host.plimsoll.call(CALL, hangs))
    await host.clock.advance(1_000)
    await call
    expect(await leftOf(host)).toEqual({ requests: 4, tokens: 980, usd: 1 - PER_ATTEMPT })
    expect(host.records()).toMatchObject([{ estimated: true, outcome: 'failed', reason: 'timeout' }])
  })

  it('one that took too long in the queue has used nothing', async () => {
    const host = setUp({
      targets: { [A]: { limits: { concurrency: 1 } } },
      timeouts: { callMs: 1_000 },
      budgets: [{ per: 'tenant', limits: [{ unit: 'tokens', amount: 100, perMs: DAY }] }],
    })
    host.plimsoll.reserve({ ...CALL, tenant: 'other' })
    const call = outcomeOf(host.plimsoll.call(CALL, async () => 1))
    await host.clock.advance(1_000)
    expect(await call).toMatch(/deadline-exceeded|wait-too-long/)
    expect(await leftOf(host)).toEqual({ tokens: 100 })
  })
})
