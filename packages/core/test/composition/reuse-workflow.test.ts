import { describe, expect, it } from 'vitest'
import { HOUR, sleep, TARGET } from '../support/caching.ts'
import { outcomeOf, setUp, used } from '../support/set-up.ts'

const CALL = { target: TARGET, task: 'faq', input: 'q', inputTokens: 10, maxOutputTokens: 10 } as const

function setUpRuns(config: object = {}, ms = 1_000) {
  const host = setUp({ tasks: { faq: { cache: { ttlMs: HOUR } } }, ...config })
  let sent = 0
  const ask = () =>
    host.plimsoll.call(CALL, async () => {
      sent++
      await sleep(host.clock, ms)
      return { n: sent, ...used(10, 10) }
    })
  const runs = () => host.events.filter((event) => event.type === 'run.finished')
  return { ...host, ask, runs, sent: () => sent }
}

describe('reuse and workflows', () => {
  it('a hit belongs to its run, which counts it and pays nothing of its budget', async () => {
    const { ask, clock, plimsoll, runs } = setUpRuns({ budgets: [{ per: 'run', tokens: 25 }] })
    const run = plimsoll.workflow('support', {}, async () => {
      for (let nth = 0; nth < 20; nth++) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await ask()
      }
    })
    await clock.advance(2_000)
    await run
    expect(runs()).toMatchObject([
      { calls: 20, cacheHits: 19, attempts: 1, usage: { inputTokens: 10, outputTokens: 10 } },
    ])
  })

  it('runs that ask the same share one call, and each has its own record', async () => {
    const { ask, clock, plimsoll, runs, sent } = setUpRuns()
    const both = [1, 2].map(() => plimsoll.workflow('support', {}, ({ step }) => step('model', () => ask())))
    await clock.advance(2_000)
    await Promise.all(both)
    expect(sent()).toBe(1)
    expect(runs().map(({ calls, attempts, cacheHits }) => [calls, attempts, cacheHits])).toEqual([
      [1, 1, 0],
      [1, 0, 1],
    ])
    expect(runs().map(({ latencyMs }) => latencyMs.steps)).toEqual([{ model: 1_000 }, { model: 1_000 }])
  })

  it('a step whose time is over leaves the call that it shares to the others', async () => {
    const { ask, clock, plimsoll, sent } = setUpRuns()
    const hasty = outcomeOf(
      plimsoll.workflow('support', {}, ({ step }) => step('model', { timeoutMs: 300 }, () => ask())),
    )
    const patient = plimsoll.workflow('support', {}, ({ step }) => step('model', () => ask()))
    await clock.advance(300)
    expect(await hasty).toBe('step-timeout')
    await clock.advance(1_000)
    expect(await patient).toMatchObject({ n: 1 })
    expect(sent()).toBe(1)
  })

  it('the last one to leave ends it, and nothing is kept', async () => {
    const { ask, clock, plimsoll, sent } = setUpRuns()
    const steps = [200, 300].map((timeoutMs) =>
      outcomeOf(plimsoll.workflow('support', {}, ({ step }) => step('model', { timeoutMs }, () => ask()))),
    )
    await clock.advance(5_000)
    expect(await Promise.all(steps)).toEqual(['step-timeout', 'step-timeout'])
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    const again = ask()
    await clock.advance(1_000)
    expect([await again, sent()]).toEqual([expect.objectContaining({ n: 2 }), 2])
  })

  it('a refresh that a run has set off is no part of it', async () => {
    const { ask, clock, plimsoll, runs, records } = setUpRuns({
      tasks: { faq: { cache: { ttlMs: 1_000, staleWhileRevalidateMs: HOUR } } },
    })
    const first = ask()
    await clock.advance(2_500)
    await first
    const run = plimsoll.workflow('support', { deadlineMs: 500 }, ({ step }) => step('model', () => ask()))
    await clock.advance(0)
    expect(await run).toMatchObject({ n: 1 })
    expect(runs()).toMatchObject([{ calls: 1, attempts: 0, cacheHits: 1 }])
    await clock.advance(2_000)
    expect(records().map(({ cache, priority, attempts }) => [cache, priority, attempts])).toEqual([
      [undefined, 'medium', 1],
      ['stale', 'medium', 0],
      [undefined, 'low', 1],
    ])
    expect(await ask()).toMatchObject({ n: 2 })
  })
})
