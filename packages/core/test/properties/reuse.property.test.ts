import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sleep, slowStore, TARGET } from '../support/caching.ts'
import { setUp } from '../support/set-up.ts'
import { virtualClock } from '@plimsoll/core/testing'

/** What may happen, one after the other. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      question: fc.nat(1),
      tenant: fc.nat(1),
      user: fc.nat(2),
      nested: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(20) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(80) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge' as const), tenant: fc.nat(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('break' as const),
      what: fc.constantFrom('store' as const, 'provider' as const),
    }),
  },
)

const worlds = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
  storeMs: fc.option(fc.nat(100), { nil: undefined }),
  slots: fc.integer({ min: 1, max: 3 }),
  perUser: fc.integer({ min: 1, max: 4 }),
  ttlMs: fc.constantFrom(50, 100_000),
  staleMs: fc.constantFrom(undefined, 100),
})

const OWN_REFUSALS = new Set(['wait-too-long', 'deadline-exceeded', 'provider'])

describe('whatever happens to calls that are the same', () => {
  it('each gets an answer to its own question and tenant, or its own refusal; nothing is left behind', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ steps, storeMs, slots, perUser, ttlMs, staleMs }) => {
        const clock = virtualClock()
        const { store, does } = slowStore(clock, storeMs === undefined ? {} : { ms: storeMs })
        const { plimsoll, records } = setUp(
          {
            targets: { [TARGET]: { limits: { concurrency: slots } } },
            tasks: {
              faq: {
                cache: { ttlMs, ...(staleMs === undefined ? {} : { staleWhileRevalidateMs: staleMs }) },
              },
            },
            cache: {
              secret: 'a secret of the tests',
              deadlineMs: 60,
              ...(storeMs === undefined ? {} : { store }),
            },
            budgets: [{ per: 'user', requests: perUser, every: 'day' }],
            queue: { maxWaitMs: 400 },
          },
          clock,
        )
        const flying = new Map<string, number>()
        let broken = 0
        let most = 0
        const ask = (question: number, tenant: number, user: number, signal: AbortSignal) => {
          const name = `${question} ${tenant}`
          return plimsoll.call(
            {
              target: TARGET,
              task: 'faq',
              input: `q${question}`,
              tenant: `t${tenant}`,
              user: `u${user}`,
              signal,
            },
            async (context) => {
              flying.set(name, (flying.get(name) ?? 0) + 1)
              most = Math.max(most, flying.get(name)!)
              try {
                await sleep(clock, 60)
                context.signal.throwIfAborted()
                if (broken-- > 0) throw new Error('provider')
                return { name }
              } finally {
                flying.set(name, flying.get(name)! - 1)
              }
            },
          )
        }
        const asked: {
          name: string
          left: boolean
          controller: AbortController
          outcome: Promise<unknown>
        }[] = []
        let isPlain = true
        for (const one of steps) {
          if (one.do === 'ask') {
            const { question, tenant, user, nested } = one
            const controller = new AbortController()
            const own = () => ask(question, tenant, user, controller.signal)
            // One inside of another may not wait for whoever waits for its slot: it may call beside them.
            if (nested) isPlain = false
            const outcome = nested
              ? plimsoll.call(
                  { target: TARGET, inputTokens: 1, user: `n${asked.length}`, signal: controller.signal },
                  own,
                )
              : own()
            outcome.catch(() => {})
            asked.push({ name: `${question} ${tenant}`, left: false, controller, outcome })
          } else if (one.do === 'leave') {
            const who = asked[one.who]
            if (who !== undefined) {
              who.left = true
              who.controller.abort(new Error('left'))
            }
            isPlain = false
          } else if (one.do === 'purge') {
            isPlain = false
            plimsoll.cache.purge({ tenant: `t${one.tenant}` }).catch(() => {})
          } else if (one.do === 'break') {
            if (one.what === 'provider') broken = 1
            else does.fails = does.fails !== true
            isPlain = false
          } else {
            await clock.advance(one.ms)
          }
        }
        await clock.advance(20_000)
        const outcomes = await Promise.allSettled(asked.map(({ outcome }) => outcome))
        const isRight = (outcome: PromiseSettledResult<unknown>, index: number): boolean => {
          const { name, left } = asked[index]!
          if (outcome.status === 'fulfilled') return (outcome.value as { name: string }).name === name
          const { code, message } = outcome.reason as { code?: string; message: string }
          return left || OWN_REFUSALS.has(code ?? message)
        }
        expect(outcomes.filter((outcome, index) => !isRight(outcome, index))).toEqual([])
        expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
        expect(records().length).toBeGreaterThanOrEqual(asked.length)
        expect(isPlain ? most : 0).toBeLessThanOrEqual(1)
        expect(await plimsoll.drain()).toEqual({ waiting: 0, reservations: 0 })
      }),
      { numRuns: 100 },
    )
  })
})
