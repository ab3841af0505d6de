import { describe, expect, it } from 'vitest'
import { core } from '../../test/support/core.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { AnswerTo, Op, Store } from '../store/port.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { Ageing } from './ageing.ts'
import { HigherUse } from './higher-use.ts'
import { limitLines } from './limit-lines.ts'
import { openai } from '../providers/openai.ts'

const MINUTE = 60_000

/** Throws where the pool asks over and over within one moment, which would otherwise hang the process. */
function countingStore(inner: Store = new MemoryStore()): Store & { sent: number } {
  let at = Number.NaN
  let within = 0
  const store = {
    sent: 0,
    send<O extends Op>(op: O, now: number, done: (answer: AnswerTo<O>) => void): void {
      store.sent++
      within = now === at ? within + 1 : 0
      at = now
      if (within > 10_000) throw new Error('the pool asks for ever')
      inner.send(op, now, done)
    },
  }
  return store
}

describe('a budget in a token bucket, on Unix time', () => {
  it('does not ask for ever when it wakes a rounding error too early', () => {
    for (let seed = 1; seed < 40; seed++) {
      const clock = virtualClock({ start: 1.7e12 + seed * 1_234.567 })
      const store = countingStore()
      const { admission, asking, target } = core({
        clock,
        store,
        targets: { 'openai/model': { limits: { rpm: 1_000_000 } } },
        budgets: [
          {
            per: 'tenant',
            limits: [
              { unit: 'tokens', amount: 1_000 + seed * 7.77, perMs: MINUTE, algorithm: 'token-bucket' },
            ],
          },
        ],
      })
      const tickets = [600, 600, 600].map((input) =>
        admission.reserve(asking(target('openai/model'), { input })),
      )
      for (const { reservation } of tickets) reservation?.acknowledge()
      for (let second = 0; second < 200; second++) {
        clock.advanceSync(1_000)
        for (const { reservation } of tickets) reservation?.acknowledge()
      }
      expect(tickets.map(({ state }) => state)).toEqual(['granted', 'granted', 'granted'])
    }
  })
})

describe('a ticket whose listener throws', () => {
  it('holds up nobody else', () => {
    const clock = virtualClock()
    const { admission, asking, target } = core({
      clock,
      targets: { 'openai/model': { limits: { concurrency: 1 } } },
    })
    const call = () => admission.reserve(asking(target('openai/model'), { input: 1 }))
    const first = call()
    const second = call()
    second.onChange(() => {
      throw new Error('a bug of the application')
    })
    const third = call()
    try {
      first.reservation!.cancel()
    } catch {}
    try {
      second.reservation?.cancel()
    } catch {}
    clock.advanceSync(5_000)
    expect(third.state).toBe('granted')
  })

  it('does not keep others from hearing', () => {
    const clock = virtualClock()
    const { admission, asking, target } = core({
      clock,
      targets: { 'openai/model': { limits: { concurrency: 1 } } },
    })
    admission.reserve(asking(target('openai/model'), { input: 1 }))
    const second = admission.reserve(asking(target('openai/model'), { input: 1 }))
    let heard = 0
    second.onChange(() => {
      throw new Error('a bug of the application')
    })
    second.onChange(() => heard++)
    try {
      second.cancel()
    } catch {}
    expect({ heard, waiting: admission.waiting }).toEqual({ heard: 1, waiting: 0 })
  })
})

describe('usage that is no count', () => {
  it.each([Number.NaN, -5_000, Number.POSITIVE_INFINITY])('of %d tokens breaks no limit', (inputTokens) => {
    const clock = virtualClock()
    const { admission, asking, target } = core({
      clock,
      targets: {
        'groq/model': {
          limits: [{ unit: 'tokens', amount: 1_000, perMs: MINUTE, algorithm: 'token-bucket' }],
        },
      },
    })
    const call = (input: number) => admission.reserve(asking(target('groq/model'), { input }))
    call(900).reservation!.settle({ inputTokens, outputTokens: 1 }, 'exact')
    clock.advanceSync(2 * MINUTE)
    expect([call(600).state, call(600).state]).toEqual(['granted', 'queued'])
  })
})

describe("a tenant's weight", () => {
  it.each([0, -1, Number.NaN])('of %d does not keep it or others waiting for ever', (weight) => {
    const clock = virtualClock()
    const { admission, asking, target } = core({
      clock,
      targets: { 'openai/model': { limits: { concurrency: 1 } } },
      queue: { weight: (tenant) => (tenant === 'odd' ? weight : 1) },
    })
    const call = (tenant: string) => admission.reserve(asking(target('openai/model'), { input: 10, tenant }))
    const tickets = ['odd', 'odd', 'odd', 'even', 'even', 'even'].map(call)
    const order: number[] = []
    for (const [index, ticket] of tickets.entries()) {
      ticket.onChange(() => {
        order.push(index)
        clock.timer(10, () => ticket.reservation!.settle({ inputTokens: 10 }, 'exact'))
      })
    }
    clock.advanceSync(60)
    expect(order.toSorted()).toEqual([0, 1, 2, 3, 4, 5])
    expect(order.slice(0, 4)).toContain(3)
  })
})

it('the load of higher priorities on a pool with slots stays the part of the rate they take', () => {
  const lines = limitLines('t', [{ unit: 'slots', amount: 2 }], openai)
  const higher = new HigherUse(lines)
  for (let call = 0; call < 20; call++) higher.granted(0, [1], call * MINUTE)
  expect(higher.load(2, 0, 3_600_000)).toBeLessThanOrEqual(1)
})

it('credit of ageing survives a call that costs nothing', () => {
  const ageing = new Ageing()
  ageing.earn(0, Number.POSITIVE_INFINITY * 0)
  ageing.spend(100)
  expect(ageing.owing).toBe(true)
})

it('a store that keeps failing does not make the advice grow for ever', () => {
  const clock = virtualClock()
  const store: Store = {
    send: (_op, _now, done) => done({ kind: 'failure', error: new Error('down') } as never),
  }
  const { admission, asking, target } = core({
    clock,
    store,
    targets: { 'openai/model': { limits: { rpm: 10 } } },
  })
  const call = () => admission.reserve(asking(target('openai/model'), { input: 1 }))
  const tickets = Array.from({ length: 60 }, call)
  clock.advanceSync(10_000)
  expect(tickets.map(({ state }) => state)).toEqual(tickets.map(() => 'rejected'))
  expect(Math.max(...tickets.map(({ error }) => error!.retryAfterMs!))).toBeLessThanOrEqual(60_000)
})

it('decides as it admits: what is kept for higher priorities counts', async () => {
  const clock = virtualClock()
  const { admission, asking, target } = core({
    clock,
    targets: {
      'openai/model': { limits: [{ unit: 'tokens', amount: 100, perMs: MINUTE, algorithm: 'token-bucket' }] },
    },
  })
  const call = (input: number) => asking(target('openai/model'), { input, priority: 'low' })
  admission.reserve(asking(target('openai/model'), { input: 75, priority: 'high' }))
  expect(await admission.decide(call(20))).toMatchObject({ kind: 'queue' })
  expect(admission.reserve(call(20)).state).toBe('queued')
})

it('a low call that has waited too long gets its share, though higher ones always find room on arrival', () => {
  const clock = virtualClock()
  const { admission, asking, target } = core({
    clock,
    targets: {
      'openai/model': {
        limits: [{ unit: 'tokens', amount: 1_000, perMs: 1_000, algorithm: 'token-bucket' }],
      },
    },
    queue: { ageMs: 1_000 },
  })
  const model = target('openai/model')
  const call = (input: number, priority: 'high' | 'low') => {
    const ticket = admission.reserve(asking(model, { input, priority }))
    ticket.onChange(() => (ticket.reservation as { acknowledge(): void } | undefined)?.acknowledge())
    return ticket
  }
  call(1_000, 'high')
  clock.advanceSync(100)
  const low = call(300, 'low')
  for (let tick = 0; tick < 2_000; tick++) {
    call(100, 'high')
    clock.advanceSync(100)
  }
  expect(low.state).toBe('granted')
})

it('two budgets for the same scope and window are two', () => {
  const clock = virtualClock()
  const { admission, asking, target } = core({
    clock,
    targets: { 'openai/model': { limits: { rpm: 1_000 } } },
    budgets: [
      { per: 'tenant', tpm: 1_000 },
      { per: 'tenant', tpm: 500 },
    ],
  })
  const call = (input: number) => admission.reserve(asking(target('openai/model'), { input }))
  expect([call(400).state, call(200).state]).toEqual(['granted', 'queued'])
})

it('a call inside of a call of another pool inside of a call does not deadlock', () => {
  const clock = virtualClock()
  const { admission, asking, target } = core({
    clock,
    targets: { 'openai/a': { limits: { concurrency: 1 } }, 'openai/b': { limits: { concurrency: 1 } } },
  })
  const call = (id: string, parent?: number) =>
    admission.reserve(asking(target(id), { input: 1, ...(parent === undefined ? {} : { parent }) }))
  const outer = call('openai/a')
  const middle = call('openai/b', outer.askedAs)
  const inner = call('openai/a', middle.askedAs)
  expect([outer.state, middle.state, inner.state]).toEqual(['granted', 'granted', 'granted'])
})

it('a learning target grows by what is in use of its own', () => {
  const clock = virtualClock()
  const { admission, asking, target } = core({
    clock,
    targets: { 'openai/busy': { limits: { concurrency: 100 } }, 'openai/new': { limits: 'learn' } },
  })
  for (let call = 0; call < 50; call++) admission.reserve(asking(target('openai/busy'), { input: 1 }))
  const fresh = target('openai/new')
  admission.reserve(asking(fresh, { input: 1 }))
  admission.feedback.observe(fresh, {}, 0)
  expect(fresh.limits.lines.find(({ unit }) => unit === 'slots')!.bucket.capacity).toBe(8)
})

it("a learning target takes a header's window as what it is", () => {
  const clock = virtualClock()
  const { admission, target } = core({ clock, targets: { 'fireworks/model': { limits: 'learn' } } })
  const model = target('fireworks/model')
  const headers = { 'x-ratelimit-limit-tokens-prompt': '1000', 'x-ratelimit-remaining-tokens-prompt': '900' }
  admission.feedback.observe(model, headers, 0)
  const { bucket } = model.limits.lines.find(({ unit }) => unit === 'tokens')!
  expect(bucket.capacity / bucket.perMs).toBeCloseTo(1, 6)
})

it('calls that were sent together and all turned back count as one', () => {
  const clock = virtualClock()
  const { admission, asking, target, events } = core({
    clock,
    targets: { 'openai/model': { limits: { concurrency: 8 } } },
  })
  const pauses: number[] = []
  events.listen((event) => {
    if (event.type === 'limit.paused') pauses.push(event.forMs)
  })
  const model = target('openai/model')
  const tickets = Array.from({ length: 8 }, () => admission.reserve(asking(model, { input: 1 })))
  for (const ticket of tickets) {
    admission.feedback.rateLimited(model, { class: 'rate-limit', status: 429 }, 0)
    ;(ticket.reservation as unknown as { fail(f: unknown): void }).fail({ class: 'rate-limit', status: 429 })
  }
  expect(Math.max(...pauses)).toBeLessThanOrEqual(1_000)
})
