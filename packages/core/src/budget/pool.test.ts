import { describe, expect, it } from 'vitest'
import { core } from '../../test/support/core.ts'
import type { SimpleCall } from '../../test/support/core.ts'
import { delayedStore } from '../testing/delayed-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import type { BudgetConfig } from './budget-config.ts'
import type { LimitEntry, TargetConfig } from './limits.ts'
import type { QueueOptions } from './queue-options.ts'

const SECOND = 1_000
/** 1,000 tokens a second, 1,000 at once. */
const TOKENS: LimitEntry = { unit: 'tokens', amount: 1_000, perMs: SECOND, algorithm: 'token-bucket' }
const ONE_SLOT = { concurrency: 1 }

function poolOf(
  limits: TargetConfig['limits'],
  {
    queue = {},
    budgets = [],
    delayMs = 0,
  }: { queue?: Partial<QueueOptions>; budgets?: readonly BudgetConfig[]; delayMs?: number } = {},
) {
  const clock = virtualClock()
  const memory = new MemoryStore()
  const store = delayMs === 0 ? memory : delayedStore({ inner: memory, clock, delayMs: () => delayMs })
  const { admission, asking, target } = core({
    clock,
    store,
    queue,
    budgets,
    targets: { 'generic/model': limits === undefined ? {} : { limits } },
  })
  const model = target('generic/model')
  const ask = (call: Partial<SimpleCall> = {}) => {
    const ticket = admission.reserve(asking(model, { input: 10, priority: 'high', ...call }))
    // Counted at once, so that it ages.
    ticket.onChange(() => ticket.reservation?.acknowledge())
    return ticket
  }
  return { clock, admission, memory, ask, model }
}

describe('a refusal', () => {
  it('of what is larger than a bucket comes at once and promises nothing', () => {
    const { ask } = poolOf([TOKENS])
    const { state, error } = ask({ input: 1_001 })
    expect([state, error?.code, error?.limit, error?.retryAfterMs]).toEqual([
      'rejected',
      'too-large',
      'limit:generic/model:tokens:1000',
      undefined,
    ])
    expect(error?.message).toMatch(/needs 1001 tokens.*holds 1000.*maxOutputTokens/)
  })

  it('of a wait that passes the deadline comes at once, and says how long it is', () => {
    const { ask } = poolOf([TOKENS])
    ask({ input: 1_000 })
    const { error } = ask({ input: 500, deadline: 100 })
    expect(error).toMatchObject({ code: 'wait-too-long', limit: 'limit:generic/model:tokens:1000' })
    expect(error?.retryAfterMs).toBeGreaterThanOrEqual(500)
    expect(ask({ input: 500, deadline: 5_000 }).state).toBe('queued')
  })

  it('of one whose deadline passes in the queue comes then, and says when there may be room', () => {
    const { clock, ask } = poolOf(ONE_SLOT)
    ask()
    const waiting = ask({ deadline: 800 })
    clock.advanceSync(799)
    expect(waiting.state).toBe('queued')
    clock.advanceSync(1)
    expect(waiting.error).toMatchObject({ code: 'deadline-exceeded', limit: 'limit:generic/model:slots' })
    expect(waiting.error?.retryAfterMs).toBeGreaterThanOrEqual(0)
  })

  it('of a deadline that has passed already is told so', () => {
    expect(poolOf(ONE_SLOT).ask({ deadline: 0 }).error?.code).toBe('deadline-exceeded')
  })

  it('comes to everyone when it is closed, and to whoever asks after', () => {
    const { admission, ask, memory } = poolOf(ONE_SLOT)
    const holder = ask()
    const waiting = [
      ask(),
      ask({ priority: 'low' }),
      ask({ parent: holder.askedAs }),
      ask({ parent: holder.askedAs }),
    ]
    admission.close()
    expect([...waiting, ask()].map(({ error }) => error?.code)).toEqual([
      'closed',
      'closed',
      undefined,
      'closed',
      'closed',
    ])
    expect([admission.waiting, memory.open]).toEqual([0, 2])
  })
})

describe('a full queue', () => {
  const full = () => poolOf(ONE_SLOT, { queue: { maxWaiting: 2 } })

  it('refuses who comes last', () => {
    const { ask } = full()
    const states = [ask(), ask(), ask(), ask()].map(({ state, error }) => error?.code ?? state)
    expect(states).toEqual(['granted', 'queued', 'queued', 'queue-full'])
  })

  it('sheds the lowest priority for a higher one, the youngest first', () => {
    const { ask } = full()
    ask()
    const [early, late, high] = [
      ask({ priority: 'low' }),
      ask({ priority: 'low' }),
      ask({ priority: 'medium' }),
    ]
    expect([early.state, late.error?.code, high.state]).toEqual(['queued', 'queue-full', 'queued'])
    expect(late.error?.retryAfterMs).toBeGreaterThan(0)
  })
})

describe('the line', () => {
  it('does not starve a large call behind small ones', () => {
    const { clock, ask } = poolOf([TOKENS])
    ask({ input: 1_000 })
    const large = ask({ input: 900, tenant: 'large' })
    for (let tick = 0; tick < 90; tick++) {
      ask({ input: 10, tenant: 'small' })
      clock.advanceSync(10)
    }
    expect(large.state).toBe('granted')
  })

  it('is left by a cancelled head, and whoever was behind goes', () => {
    const { ask, clock } = poolOf([TOKENS])
    ask({ input: 500 })
    const [large, small] = [ask({ input: 900 }), ask({ input: 400 })]
    expect(small.state).toBe('queued')
    large.cancel()
    expect([large.state, small.state]).toEqual(['aborted', 'granted'])
    clock.runAllSync()
    expect(clock.pending).toBe(0)
  })

  it('puts high before medium before low, whatever the order they came in', () => {
    const { clock, ask } = poolOf(ONE_SLOT, { queue: { ageMs: 1e9 } })
    const holder = ask()
    const order: string[] = []
    for (const priority of ['low', 'medium', 'high'] as const) {
      ask({ priority }).onChange(({ reservation }) => {
        order.push(priority)
        clock.timer(1, () => reservation!.cancel())
      })
    }
    holder.reservation!.cancel()
    clock.advanceSync(10)
    expect(order).toEqual(['high', 'medium', 'low'])
  })

  it('asks as soon as there is room, and no sooner', () => {
    const { clock, ask } = poolOf([TOKENS])
    ask({ input: 1_000 })
    const next = ask({ input: 250 })
    clock.advanceSync(249)
    expect(next.state).toBe('queued')
    clock.advanceSync(1.1)
    expect(next.state).toBe('granted')
  })
})

describe('one that lacks its own budget only', () => {
  it('stands aside and holds up nobody', () => {
    const { ask } = poolOf(ONE_SLOT, {
      budgets: [{ per: 'tenant', limits: [{ unit: 'requests', amount: 1, perMs: SECOND }] }],
    })
    ask({ tenant: 'poor' }).reservation!.releaseSlots()
    const poor = ask({ tenant: 'poor' })
    const rich = ask({ tenant: 'rich' })
    expect([poor.state, rich.state]).toEqual(['queued', 'granted'])
  })

  it('goes on when its budget has room, in its turn', () => {
    const budgets = [{ per: 'tenant', limits: [{ unit: 'requests', amount: 1, perMs: SECOND }] }] as const
    const { clock, ask } = poolOf({ concurrency: 10 }, { budgets })
    ask({ tenant: 'poor' })
    const [first, second] = [ask({ tenant: 'poor' }), ask({ tenant: 'poor' })]
    clock.advanceSync(1_020)
    expect([first.state, second.state]).toEqual(['granted', 'queued'])
    clock.advanceSync(1_020)
    expect(second.state).toBe('granted')
  })

  /** Two calls a day: what a third lacks comes long after it has left. */
  const DAILY = [
    { per: 'tenant', limits: [{ unit: 'requests', amount: 2, perMs: 86_400 * SECOND }] },
  ] as const

  it('is refused once others have used up what it had hoped for', () => {
    const { ask } = poolOf(ONE_SLOT, { budgets: DAILY })
    const deadline = 60 * SECOND
    const [first, second, third] = [ask(), ask(), ask({ deadline })]
    expect([second.state, third.state]).toEqual(['queued', 'queued'])
    first.reservation!.releaseSlots()
    second.reservation!.releaseSlots()
    expect(third.error).toMatchObject({ code: 'wait-too-long', limit: expect.stringMatching(/^budget:/) })
    expect(third.error!.retryAfterMs).toBeGreaterThan(86_000 * SECOND)
  })

  it('is refused as soon as a store that answers later has said so, of many that come at once', () => {
    const { clock, ask, admission } = poolOf({ concurrency: 10 }, { budgets: DAILY, delayMs: 10 })
    const tickets = Array.from({ length: 6 }, () => ask({ deadline: 60 * SECOND }))
    clock.advanceSync(200)
    const ends = tickets.map(({ state, error }) => error?.code ?? state)
    expect(ends).toEqual(['granted', 'granted', ...Array<string>(4).fill('wait-too-long')])
    expect(admission.waiting).toBe(0)
  })

  it('waits on for a slot of its budget, which comes free when nobody knows', () => {
    const budgets = [{ per: 'tenant', limits: [{ unit: 'slots', amount: 1 }] }] as const
    const { clock, ask } = poolOf({ concurrency: 10 }, { budgets, delayMs: 10 })
    const [first, second] = [ask(), ask({ deadline: 60 * SECOND })]
    clock.advanceSync(1_000)
    expect(second.state).toBe('queued')
    first.reservation!.releaseSlots()
    clock.advanceSync(50)
    expect(second.state).toBe('granted')
  })
})

describe('a nested call', () => {
  it('never waits for the slot that its own parent holds, however deep', () => {
    const { ask } = poolOf(ONE_SLOT)
    let parent = ask()
    for (let depth = 0; depth < 5; depth++) {
      const inner = ask({ parent: parent.askedAs })
      expect(inner.state).toBe('granted')
      parent = inner
    }
  })

  it('goes before those in line, and its twin follows it', () => {
    const { ask } = poolOf(ONE_SLOT)
    const outer = ask()
    const inLine = ask()
    const [one, twin] = [ask({ parent: outer.askedAs }), ask({ parent: outer.askedAs })]
    expect([one.state, twin.state, inLine.state]).toEqual(['granted', 'queued', 'queued'])
    one.reservation!.cancel()
    expect(twin.state).toBe('granted')
    twin.reservation!.cancel()
    outer.reservation!.cancel()
    expect(inLine.state).toBe('granted')
  })
})

describe('over a store that answers later', () => {
  it('never admits two for one room', () => {
    const { clock, ask } = poolOf(ONE_SLOT, { delayMs: 10 })
    const tickets = Array.from({ length: 5 }, () => ask())
    clock.advanceSync(1_000)
    expect(tickets.filter(({ state }) => state === 'granted')).toHaveLength(1)
  })

  it('gives back a grant that comes after its caller has left', () => {
    const { clock, ask, memory, admission } = poolOf(ONE_SLOT, { delayMs: 10 })
    const [gone, next] = [ask(), ask()]
    clock.advanceSync(5)
    gone.cancel()
    clock.advanceSync(100)
    expect([gone.state, next.state, memory.open, admission.open]).toEqual(['aborted', 'granted', 1, 1])
  })
})
