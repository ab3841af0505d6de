import type { AnswerTo, CacheStore, Op, Store, StoreWatcher } from '@plimsoll/core'
import { createPlimsoll } from '@plimsoll/core'
import { MemoryStore, virtualClock } from '@plimsoll/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CACHED, sleep, TARGET } from '../support/caching.ts'
import { fleet } from '../support/fleet.ts'

const secret = 'a secret of the tests'

describe('the same call in several processes', () => {
  it('is made once, in whatever order stores, messages and the provider answer', async () => {
    const counts = fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 2, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), counts, async (scheduler, perProcess) => {
        const memory = new MemoryStore()
        const kept = new Map<string, string>()
        const watchers = new Set<StoreWatcher>()
        // Time stands still: nothing but what is scheduled happens.
        const clock = virtualClock()
        const later = (what: string) => scheduler.schedule(Promise.resolve(), what)
        let calls = 0
        const isAboutLeading = ({ type }: Op) => type === 'lead' || type === 'unlead'
        const storeOf = (): Store => ({
          leads: true,
          send(op, now, done) {
            // What else there is to ask of limits has no part in it.
            if (!isAboutLeading(op)) return memory.send(op, now, done)
            const answered = async (answer: AnswerTo<typeof op>): Promise<void> => {
              await later(`${op.type} is answered`)
              done(answer)
            }
            const tell = async ({ freed }: StoreWatcher, key: string): Promise<void> => {
              await later('message')
              freed([key])
            }
            const arrives = async (): Promise<void> => {
              await later(`${op.type} arrives`)
              memory.send(op, now, (answer) => void answered(answer))
              if (op.type === 'unlead') for (const watcher of watchers) void tell(watcher, op.key)
            }
            void arrives()
          },
          watch(watcher) {
            watchers.add(watcher)
            return () => watchers.delete(watcher)
          },
        })
        const cache: CacheStore = {
          async get(key) {
            await later('get arrives')
            const value = kept.get(key)
            await later('get is answered')
            return value
          },
          async set(key, value) {
            await later('set arrives')
            kept.set(key, value)
            await later('set is answered')
            return true
          },
        }
        const all = perProcess.flatMap((count) => {
          const plimsoll = createPlimsoll({
            ...CACHED,
            clock,
            store: storeOf(),
            cache: { store: cache, secret },
          })
          return Array.from({ length: count }, async () => {
            await later('ask')
            return plimsoll.call(
              { target: TARGET, task: 'faq', input: 'q', maxOutputTokens: 1 },
              async () => {
                const answer = { n: ++calls }
                await later('provider')
                return answer
              },
            )
          })
        })
        await scheduler.waitFor(Promise.all(all))
        expect(await Promise.all(all)).toEqual(all.map(() => ({ n: 1 })))
        expect(calls).toBe(1)
        await scheduler.waitAll()
      }),
      { numRuns: 100 },
    )
  }, 120_000)
})

/** What may happen, one after the other. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      process: fc.nat(3),
      question: fc.nat(1),
      tenant: fc.nat(1),
      user: fc.nat(2),
      priority: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
      deadlineMs: fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: undefined, freq: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(20) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(800) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('purge' as const), process: fc.nat(3), tenant: fc.nat(1) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), process: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('break' as const),
      what: fc.constantFrom('messages', 'claims', 'silence', 'cache', 'provider', 'lost'),
    }),
  },
)

const worlds = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
  storeMs: fc.nat(30),
  cacheMs: fc.nat(80),
  slots: fc.integer({ min: 1, max: 3 }),
  perUser: fc.integer({ min: 1, max: 4 }),
  ms: fc.constantFrom(60, 3_000),
  ttlMs: fc.constantFrom(500, 100_000),
  /** Nothing goes wrong, nobody leaves, and all are as urgent. */
  isPlain: fc.boolean(),
})

const OWN_REFUSALS = new Set(['wait-too-long', 'deadline-exceeded', 'provider'])

describe('whatever happens to calls that are the same in several processes', () => {
  it('each gets an answer to its own question and tenant, or its own refusal, in time; nothing is left behind', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ steps, storeMs, cacheMs, slots, perUser, ms, ttlMs, isPlain }) => {
        const { clock, process, does, cache, watchers, memory } = fleet({
          delayMs: () => storeMs,
          cacheMs,
          config: {
            targets: { [TARGET]: { limits: { concurrency: slots } } },
            tasks: { faq: { cache: { ttlMs } } },
            budgets: [{ per: 'user', requests: perUser, every: 'day' }],
            queue: { maxWaitMs: 20_000 },
            leaseMs: 10_000,
          },
        })
        const each = Array.from({ length: 4 }, () => process())
        const dead = new Set<number>()
        let broken = 0
        const flying = new Map<string, number>()
        let most = 0
        const asked: {
          name: string
          process: number
          left: boolean
          controller: AbortController
          outcome: Promise<unknown>
        }[] = []
        const breaks: Record<string, () => void> = {
          messages: () => (does.losesMessages = !does.losesMessages),
          claims: () => (does.fails = !does.fails),
          silence: () => (does.hangs = !does.hangs),
          cache: () => (cache.does.fails = cache.does.fails !== true),
          provider: () => broken++,
          lost: () => watchers.forEach(({ lost }) => lost('open', new Error('gone'))),
        }
        const plain = steps.filter((one) => one.do === 'ask' || one.do === 'wait')
        for (const one of isPlain ? plain : steps) {
          if (one.do === 'ask' && !dead.has(one.process)) {
            const { question, tenant, user, priority, deadlineMs } = one
            const name = `${question} ${tenant}`
            const controller = new AbortController()
            const outcome = each[one.process]!.plimsoll.call(
              {
                target: TARGET,
                task: 'faq',
                input: `q${question}`,
                maxOutputTokens: 1,
                tenant: `t${tenant}`,
                user: `u${user}`,
                ...(isPlain ? {} : { priority }),
                signal: controller.signal,
                ...(deadlineMs === undefined || isPlain ? {} : { deadlineMs }),
              },
              async (context) => {
                flying.set(name, (flying.get(name) ?? 0) + 1)
                most = Math.max(most, flying.get(name)!)
                await sleep(clock, ms)
                flying.set(name, flying.get(name)! - 1)
                context.signal.throwIfAborted()
                if (broken-- > 0) throw new Error('provider')
                return { name }
              },
            )
            outcome.catch(() => {})
            asked.push({ name, process: one.process, left: false, controller, outcome })
          } else if (one.do === 'leave') {
            const who = asked[one.who]
            if (who !== undefined) {
              who.left = true
              who.controller.abort(new Error('left'))
            }
          } else if (one.do === 'purge') {
            each[one.process]!.plimsoll.cache.purge({ tenant: `t${one.tenant}` }).catch(() => {})
          } else if (one.do === 'die') {
            dead.add(one.process)
            each[one.process]!.dies()
          } else if (one.do === 'break') {
            breaks[one.what]!()
          } else if (one.do === 'wait') {
            await clock.advance(one.ms)
          }
        }
        await clock.advance(200_000)
        const living = asked.filter(({ process: nth }) => !dead.has(nth))
        const outcomes = await Promise.race([
          Promise.allSettled(living.map(({ outcome }) => outcome)),
          new Promise<never>((_, reject) => setImmediate(() => reject(new Error('somebody still waits')))),
        ])
        const isRight = (outcome: PromiseSettledResult<unknown>, index: number): boolean => {
          const { name, left } = living[index]!
          if (outcome.status === 'fulfilled') return (outcome.value as { name: string }).name === name
          const { code, message } = outcome.reason as { code?: string; message: string }
          return left || OWN_REFUSALS.has(code ?? message)
        }
        expect(outcomes.filter((outcome, index) => !isRight(outcome, index))).toEqual([])
        expect(isPlain ? most : 0).toBeLessThanOrEqual(1)
        for (const [nth, { plimsoll }] of each.entries()) {
          if (dead.has(nth)) continue
          expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
          does.fails = does.hangs = cache.does.fails = false
          expect(await plimsoll.drain()).toEqual({ waiting: 0, reservations: 0 })
        }
        // What the dead held is given back with the next thing that is asked.
        memory.send({ type: 'peek', buckets: [], amounts: [], leaves: [] }, clock.now(), () => {})
        expect(memory.open).toBe(0)
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
