import { createPlimsoll } from '@plimsoll/core'
import type { Plimsoll } from '@plimsoll/core'
import { startFakeProvider } from '@plimsoll/fake-provider'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisForAll } from '../../src/redis-client.fixture.ts'
import { HAS_REDIS } from '../../src/redis-server.fixture.ts'
import { redisStore } from '../../src/redis-store.ts'
import { ordered } from '../fleet.ts'
import type { Ordered } from '../fleet.ts'
import {
  ASKING,
  BUDGET_USD,
  CONFIG,
  endless,
  LIMIT,
  modelOf,
  MODELS,
  PRICE,
  question,
  RPD,
  SLOTS,
  UNTOLD,
  WAYS,
} from './scene.ts'
import type { Ended, ToolkitOrder, ToolkitTask } from './toolkit.ts'

const EACH = 80
const LEFT = 40
/** The machine that tests this may be busy. */
const PATIENT = { timeout: 10_000 } as const

type Process = Ordered<ToolkitOrder>

const countOf = (ends: readonly Ended[], how: string) => ends.filter((end) => end.how === how).length

describe.skipIf(!HAS_REDIS)('two processes', () => {
  const redis = redisForAll()
  let pair: readonly [Process, Process]
  let provider: FakeProvider
  let plimsoll: Plimsoll

  beforeAll(async () => {
    provider = await startFakeProvider({ models: MODELS })
    const namespace = 'adapters'
    plimsoll = createPlimsoll({ ...CONFIG, store: redisStore({ client: redis.client, namespace }) })
    const task: ToolkitTask = {
      redis: redis.server.url,
      namespace,
      provider: provider.url,
      config: CONFIG,
    }
    const started = (): Promise<Process> => ordered(new URL('process.ts', import.meta.url), task)
    pair = await Promise.all([started(), started()])
    // What is loaded with the first calls is there.
    for (const [toolkit, way] of ASKING)
      await both({ type: 'ask', toolkit, way, question: question('any'), times: 8 })
  }, 60_000)
  afterAll(async () => {
    for (const one of pair) one.kill()
    plimsoll.close()
    await provider.close()
  })

  const both = (order: ToolkitOrder): Promise<Ended[][]> =>
    Promise.all(pair.map((one) => one.do<Ended[]>(order)))

  /** What is left of a target's limits, and of tenant's budgets, by unit. */
  async function leftOf(model: string, attributes = {}): Promise<Record<string, number>> {
    const { limits } = await plimsoll.headroom(`openai/${model}`, attributes)
    return Object.fromEntries(limits.map(({ unit, available }) => [unit, available]))
  }

  /** Has it hold what another one holds: `forSure` once it is seen to wait, and `there` once it has it. */
  function waits(waiter: Process, hold: Extract<ToolkitOrder, { type: 'hold' }>) {
    let isThere = false
    const there = waiter.do(hold).then(() => (isThere = true))
    const isWaiting = () => waiter.do<number>({ type: 'waiting', toolkit: hold.toolkit })
    const forSure = async (): Promise<void> => {
      await expect.poll(isWaiting, PATIENT).toBe(1)
      // By now the store has refused it.
      for (let trips = 0; trips < 5; trips++)
        expect([(await leftOf(hold.question.model))['slots'], await isWaiting()]).toEqual([0, 1])
      expect(isThere).toBe(false)
    }
    return { there, forSure: forSure() }
  }

  it.each(ASKING)('exceed a limit never, use nearly all of it and share it: %s, %s', async (toolkit, way) => {
    const model = modelOf('raced', way)
    const ends = await both({ type: 'ask', toolkit, way, question: question(model), times: EACH })
    expect(countOf(ends.flat(), 'answered')).toBe(2 * EACH)
    const stats = provider.stats().models[model]!
    expect([stats.completed, stats.rejected.total]).toEqual([2 * EACH, 0])
    // It is not by luck, nor by what headers tell: the store has counted them all.
    expect((await leftOf(model))['requests']).toBe(RPD - 2 * EACH)
    const [{ charged, burst }] = stats.limits as [(typeof stats.limits)[0]]
    // All that the provider would have let in from the first call to the last.
    const allowed = burst + ((stats.lastAdmissionMs! - stats.firstAdmissionMs!) * LIMIT.amount) / LIMIT.perMs
    // Else it would not have been a limit.
    expect(allowed).toBeGreaterThan(4 * burst)
    expect(charged / allowed).toBeGreaterThan(0.85)
    expect(charged / allowed).toBeLessThanOrEqual(1)
    // When the first of them is through, the other has had its share.
    const through = Math.min(...ends.map((each) => Math.max(...each.map(({ at }) => at))))
    for (const each of ends) expect(each.filter(({ at }) => at <= through).length).toBeGreaterThan(EACH / 4)
  })

  // A message that did not come would be made up for every 2.5 s: six times that is longer than this may take.
  it.each(WAYS)('hand a slot to each other by leaving: %s, %s', { timeout: 12_000 }, async (toolkit, way) => {
    const hold = { type: 'hold', toolkit, way, question: endless(modelOf('held', way)) } as const
    const [one, other] = pair
    await one.do(hold)
    for (let times = 0; times < 3; times++)
      for (const [holder, waiter] of [
        [one, other],
        [other, one],
      ] as const) {
        const held = waits(waiter, hold)
        await held.forSure
        await holder.do({ type: 'leave' })
        await held.there
      }
    await one.do({ type: 'leave' })
    await expect.poll(async () => (await leftOf(hold.question.model))['slots'], PATIENT).toBe(1)
  })

  it(`hand it over when its lease is over: langchain, ${UNTOLD}`, async () => {
    const [toolkit, model] = ['langchain', modelOf('held', UNTOLD)] as const
    const hold = { type: 'hold', toolkit, way: UNTOLD, question: endless(model) } as const
    const [one, other] = pair
    await one.do(hold)
    const held = waits(other, hold)
    await held.forSure
    await one.do({ type: 'leave' })
    expect(await other.do({ type: 'waiting', toolkit })).toBe(1)
    await expect.poll(() => provider.stats().models[model]!.abortedByClient, PATIENT).toBe(1)
    await held.there
    await other.do({ type: 'leave' })
  })

  it.each(ASKING)(
    'give back what calls held that were left, wherever they were: %s, %s',
    async (toolkit, way) => {
      const model = modelOf('left', way)
      const ends = await both({ type: 'ask and leave', toolkit, way, question: question(model), times: LEFT })
      const [answered, left] = ['answered', 'left'].map((how) => countOf(ends.flat(), how)) as [
        number,
        number,
      ]
      expect([answered > 0, left > answered, answered + left]).toEqual([true, true, 2 * LEFT])
      await expect.poll(async () => (await leftOf(model))['slots'], PATIENT).toBe(SLOTS)
      const used = RPD - (await leftOf(model))['requests']!
      // What was sent is charged; what had not been is not.
      expect(used).toBeGreaterThanOrEqual(provider.stats().models[model]!.received)
      expect(used).toBeLessThan(2 * LEFT)
    },
  )

  it('spend a budget together to its last call and never more: LangChain, Effect and the AI SDK', async () => {
    const spending = {
      question: question('paid', { attributes: { tenant: 'acme', feature: 'paid' } }),
      type: 'spend',
    } as const
    const [one, other] = pair
    const spenders = [
      [one, { toolkit: 'langchain', way: 'the wrapper, a signal' }],
      [other, { toolkit: 'effect', way: 'an effect' }],
      [other, { toolkit: 'langchain', way: 'the handler, a signal' }],
      [one, { toolkit: 'ai-sdk', way: 'the middleware' }],
    ] as const
    const ends = await Promise.all(
      spenders.map(([spender, by]) => spender.do<Ended[]>({ ...spending, ...by, times: 5 })),
    )
    // What those gave back who were the last.
    for (const [spender, by] of spenders)
      ends.push(await spender.do<Ended[]>({ ...spending, ...by, times: 1 }))
    for (const each of ends.slice(0, spenders.length)) expect(countOf(each, 'answered')).toBeGreaterThan(0)
    const answered = countOf(ends.flat(), 'answered')
    expect(countOf(ends.flat(), 'wait-too-long') + answered).toBe(ends.flat().length)
    const { completed, promptTokens, completionTokens } = provider.stats().models['paid']!
    expect(completed).toBe(answered)
    const spentUsd = (promptTokens * PRICE.input + completionTokens * PRICE.output) / 1e6
    const most = (spentUsd / answered) * (100 / 60) * 1.1
    expect(spentUsd).toBeLessThanOrEqual(BUDGET_USD)
    expect(spentUsd).toBeGreaterThan(BUDGET_USD - most)
    const { usd } = await leftOf('paid', spending.question.attributes)
    expect(usd).toBeCloseTo(BUDGET_USD - spentUsd, 6)
    const [globex] = await one.do<Ended[]>({
      type: 'ask',
      toolkit: 'langchain',
      way: 'the wrapper, a signal',
      times: 1,
      question: question('paid', { attributes: { tenant: 'globex', feature: 'paid' } }),
    })
    expect(globex!.how).toBe('answered')
  })

  it('end with nothing held', async () => {
    await Promise.all(pair.map((one) => one.do({ type: 'end' })))
    for (const way of [...WAYS.map((each) => each[1]), UNTOLD]) {
      const slots = [modelOf('held', way), modelOf('left', way)].map(
        async (model) => (await leftOf(model))['slots'],
      )
      expect({ way, slots: await Promise.all(slots) }).toEqual({ way, slots: [1, SLOTS] })
    }
  })
})
