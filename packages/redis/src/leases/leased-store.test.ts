import type { AnswerTo, Bucket, Op, ReserveOp, Told } from '@plimsoll/core'
import { systemClock } from '@plimsoll/core/store'
import { answered, disagreement, storeProgram } from '@plimsoll/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portOf } from '../port.ts'
import { redisForAll } from '../redis-client.fixture.ts'
import { RedisScript } from '../redis-script.ts'
import { HAS_REDIS } from '../redis-server.fixture.ts'
import { SharedStore } from '../shared-store.ts'

const TOKENS: Bucket = { key: 'tokens', algorithm: 'token-bucket', capacity: 1_000, perMs: 3_600_000 }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 40, perMs: Infinity }

describe.skipIf(!HAS_REDIS)('a leased store', () => {
  const redis = redisForAll()
  let namespaces = 0

  /** A store, and what it asks of Redis in order. `cut` loses all that is sent from then on. */
  function setUp(bucket: Bucket = TOKENS, ttlMs = 60_000) {
    const namespace = `store-${++namespaces}`
    const kinds: string[] = []
    const freed: string[] = []
    const line = { isCut: false }
    const port = portOf(redis.client)
    const send = async (words: readonly string[]): Promise<unknown> => {
      kinds.push(words[6] ?? words[0]!)
      if (line.isCut) throw new Error('The line is cut.')
      return port.send(words)
    }
    const store = new SharedStore({
      script: new RedisScript({ port: { ...port, send }, namespace }),
      clock: systemClock,
      timeoutMs: 1_000,
      fallback: 'closed',
      local: undefined,
      lease: { share: 0.1, ttlMs },
    })
    const events: string[] = []
    store.watch({
      freed: (keys) => freed.push(...keys),
      lost: () => events.push('lost'),
      regained: () => events.push('regained'),
    })
    let ids = 0
    const op = (amount: number, rest: Partial<ReserveOp> = {}): ReserveOp => {
      const buckets = rest.buckets ?? [bucket]
      return {
        type: 'reserve',
        id: ++ids,
        buckets,
        amounts: buckets.map(() => amount),
        leaves: buckets.map(() => 0),
        holder: 1,
        rank: 1,
        claimable: 1,
        leaseMs: 600_000,
        ...rest,
      }
    }
    /** The answer, where it comes at once. */
    const atOnce = (asked: Op): AnswerTo<Op> | undefined => {
      let answer: AnswerTo<Op> | undefined
      store.send(asked, 0, (given) => {
        answer = given
      })
      return answer
    }
    const tell = (told: Told) => answered(store, told, 0)
    const warm = async (calls = 30, rest: Partial<ReserveOp> = {}): Promise<void> => {
      for (let nth = 0; nth < calls; nth++) {
        const asked = op(1, rest)
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await answered(store, asked, 0)
        void tell({ type: 'settle', id: asked.id, amounts: asked.amounts, refund: true })
      }
      // Until one is let in at once; then all is told, and nothing on its way.
      let last = op(1, rest)
      await expect.poll(() => atOnce((last = op(1, rest)))?.kind).toBe('granted')
      await tell({ type: 'settle', id: last.id, amounts: last.amounts, refund: true })
    }
    const left = async (of = bucket): Promise<number> => {
      const script = new RedisScript({ port, namespace })
      const { answer } = await script.ask({ type: 'peek', buckets: [of], amounts: [0], leaves: [0] }, 0)
      return answer.levels[0]!.available
    }
    return { namespace, store, kinds, freed, line, events, op, atOnce, tell, warm, left }
  }

  it('tells what it knows before it asks', async () => {
    const { store, kinds, op, atOnce, warm, tell } = setUp()
    await warm()
    const before = kinds.length
    for (const question of [
      op(1, { buckets: [TOKENS, { ...TOKENS, key: 'own' }] }),
      { type: 'peek', buckets: [TOKENS], amounts: [1], leaves: [0] } as const,
    ]) {
      const call = op(1)
      atOnce(call)
      void tell({ type: 'settle', id: call.id, amounts: [0], refund: true })
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await answered(store, question as Op, 0)
    }
    expect(kinds.slice(before)).toEqual(['lease', 'reserve', 'lease', 'peek'])
  })

  it('says that a settlement was taken when Redis has it, and not before', async () => {
    const { kinds, op, atOnce, warm, store } = setUp()
    await warm()
    const call = op(1)
    atOnce(call)
    const before = kinds.length
    const isTold = answered(store, { type: 'settle', id: call.id, amounts: [1], refund: true }, 0)
    expect(kinds.length).toBe(before)
    await isTold
    expect(kinds.slice(before)).toEqual(['lease'])
  })

  it.each<[string, Told]>([
    ['paused', { type: 'pause', buckets: [TOKENS], forMs: 60_000, largest: [1] }],
    ['resized', { type: 'resize', bucket: { ...TOKENS, capacity: 500 } }],
    ['forgotten', { type: 'forget', keys: ['tokens'] }],
  ])('lets nothing in by itself from the moment its bucket is %s', async (_, told) => {
    const { store, op, atOnce, warm } = setUp()
    await warm()
    store.send(told, 0, () => {})
    expect(atOnce(op(1))).toBeUndefined()
  })

  it('lets nothing in by itself once somebody is forgotten whose budget it is', async () => {
    const budget: Bucket = { ...TOKENS, key: 'budget:tenant=acme+user=ann:tokens' }
    const { store, op, atOnce, warm } = setUp(budget)
    await warm()
    store.send({ type: 'forget-holder', holder: 'tenant=ann' }, 0, () => {})
    expect(atOnce(op(1))).toEqual({ kind: 'granted' })
    store.send({ type: 'forget-holder', holder: 'user=ann' }, 0, () => {})
    expect(atOnce(op(1))).toBeUndefined()
  })

  it('gives its rest back where Redis has no room for its own large call, and says when it has', async () => {
    const { store, freed, op, warm, left } = setUp()
    await warm(40)
    const unused = 1_000 - (await left())
    expect(unused).toBeGreaterThan(100)
    expect((await answered(store, op(950), 0)).kind).toBe('refused')
    await expect.poll(() => freed).toEqual(['tokens'])
    expect((await answered(store, op(950), 0)).kind).toBe('granted')
  })

  it('gives up a claim that Redis holds for whom it has let in itself', async () => {
    const { store, kinds, op, atOnce, warm } = setUp(TOKENS, 50)
    await warm()
    expect(
      (await answered(store, op(1, { buckets: [TOKENS, SLOTS], amounts: [1, 41], claimable: 2 }), 0)).kind,
    ).toBe('refused')
    await expect.poll(() => atOnce(op(1))?.kind).toBe('granted')
    expect(kinds.filter((kind) => kind === 'unclaim')).toHaveLength(1)
  })

  it('wakes others with slots that it gives back', async () => {
    const { store, freed, op, warm, tell, namespace } = setUp(SLOTS)
    const other = new SharedStore({
      script: new RedisScript({ port: portOf(redis.client), namespace }),
      clock: systemClock,
      timeoutMs: 1_000,
      fallback: 'closed',
      local: undefined,
      lease: undefined,
    })
    const heard: string[] = []
    const stop = other.watch({ freed: (keys) => heard.push(...keys), lost: () => {}, regained: () => {} })
    await warm()
    const mine = Array.from({ length: 3 }, () => op(1))
    for (const one of mine) store.send(one, 0, () => {})
    await expect.poll(async () => (await answered(other, op(38, { id: 900 }), 0)).kind).toBe('refused')
    for (const { id } of mine) void tell({ type: 'settle', id, amounts: [1], refund: true })
    await expect.poll(() => heard).toContain('slots')
    expect(freed).toEqual([])
    stop()
  })

  it('hands a call over before another is made inside of it, and settles it though the line was cut', async () => {
    const { store, op, atOnce, warm, tell, line, events, left } = setUp(SLOTS)
    await warm()
    const outer = op(1)
    expect(atOnce(outer)).toEqual({ kind: 'granted' })
    line.isCut = true
    const inner = op(1, { parent: outer.id })
    expect((await answered(store, inner, 0)).kind).toBe('failure')
    expect(events).toEqual(['lost'])
    const settled = tell({ type: 'settle', id: outer.id, amounts: [1], refund: true })
    line.isCut = false
    await settled
    await expect.poll(() => events).toEqual(['lost', 'regained'])
    store.send({ type: 'pause', buckets: [SLOTS], forMs: 0, largest: [40] }, 0, () => {})
    await expect.poll(() => left()).toBe(40)
  })

  it('says so of what was settled while the line was cut', async () => {
    const { store, op, atOnce, warm, tell, line, events } = setUp()
    await warm()
    const calls = [op(1), op(1)]
    for (const call of calls) atOnce(call)
    line.isCut = true
    const settled = calls.map(({ id }) => ({ type: 'settle', id, amounts: [1], refund: true }) as const)
    // What it gives back is on its way, and is lost.
    store.send({ type: 'pause', buckets: [TOKENS], forMs: 1, largest: [1] }, 0, () => {})
    await tell(settled[0]!)
    expect(events).toEqual(['lost'])
    await tell(settled[1]!)
    line.isCut = false
    await expect.poll(() => events).toEqual(['lost', 'regained'])
  })

  it('lends the slot of a call that it has let in itself', async () => {
    const { store, op, atOnce, warm } = setUp(SLOTS)
    await warm()
    const outer = op(1)
    expect(atOnce(outer)).toEqual({ kind: 'granted' })
    const all = op(1, { id: 901 })
    const others: ReserveOp[] = []
    for (let kind = ''; kind !== 'refused';) {
      const one = { ...all, id: 901 + others.push(all) }
      // oxlint-disable-next-line no-await-in-loop -- until it is full
      ;({ kind } = await answered(store, one, 0))
    }
    expect((await answered(store, op(1, { parent: outer.id }), 0)).kind).toBe('granted')
  })

  it('tells the last of many headers, as old as it is by then', async () => {
    const { store, kinds, op, atOnce, warm, left, tell } = setUp()
    await warm()
    const before = kinds.length
    for (const remaining of [900, 300, 500]) {
      const ageMs = remaining === 500 ? 40 : 10
      store.send({ type: 'observe', bucket: TOKENS, remaining, resetMs: undefined, ageMs }, 0, () => {})
    }
    const call = op(1)
    atOnce(call)
    await tell({ type: 'settle', id: call.id, amounts: [1], refund: true })
    expect(kinds.slice(before)).toEqual(['lease', 'observe'])
    await expect.poll(async () => (await left()) < 301).toBe(true)
  })

  it('answers as one without leases does where nothing is asked for often enough', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 200 }), async (seed, length) => {
        const store = new SharedStore({
          script: new RedisScript({
            port: portOf(redis.client),
            namespace: `store-${++namespaces}`,
            timeOf: (now) => now,
          }),
          clock: systemClock,
          timeoutMs: 10_000,
          fallback: 'closed',
          local: undefined,
          lease: { share: 0.5, ttlMs: 1e-6 },
        })
        expect(await disagreement(store, storeProgram(seed, length))).toBeUndefined()
      }),
      { numRuns: 20 },
    )
  })
})
