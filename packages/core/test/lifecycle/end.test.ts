import { describe, expect, it } from 'vitest'
import { createPlimsoll } from '@plimsoll/core'
import type { Ticket } from '@plimsoll/core'
import { MemoryStore } from '@plimsoll/core/testing'
import { outcomeOf, setUp, used } from '../support/set-up.ts'

const TARGETS = { 'openai/model': { limits: { concurrency: 1 } } }
const CALL = { target: 'openai/model', inputTokens: 60, maxOutputTokens: 40 } as const

function busy() {
  const at = setUp({ targets: TARGETS })
  const slow = (ms: number) => async () => {
    await new Promise<void>((done) => at.clock.timer(ms, done))
    return used(1, 1)
  }
  return { ...at, slow }
}

describe('draining', () => {
  it('lets what has begun end, turns away what has not, and resolves when nothing is left', async () => {
    const { clock, plimsoll, slow } = busy()
    const outcomes = [1, 2, 3].map(() => outcomeOf(plimsoll.call(CALL, slow(100))))
    await clock.advance(0)
    let drained: unknown
    const draining = plimsoll.drain().then((state) => {
      drained = state
    })
    expect(await outcomeOf(plimsoll.call(CALL, slow(1)))).toBe('closed')
    expect(plimsoll.reserve(CALL).error).toMatchObject({ code: 'closed' })
    expect(await outcomeOf(plimsoll.workflow('late', {}, async () => 1))).toBe('closed')
    await clock.advance(250)
    expect(drained).toBeUndefined()
    await clock.advance(50)
    await draining
    expect(drained).toEqual({ waiting: 0, reservations: 0 })
    expect((await Promise.all(outcomes)).every((outcome) => typeof outcome === 'object')).toBe(true)
  })

  it('lets a run go on to its end, with the calls it has yet to make, and nested ones', async () => {
    const { clock, plimsoll, slow } = busy()
    const run = plimsoll.workflow('answer', {}, async () => {
      await plimsoll.call(CALL, slow(100))
      await slow(100)()
      return plimsoll.call(CALL, () => plimsoll.call(CALL, slow(100)))
    })
    await clock.advance(10)
    let drained = false
    const draining = plimsoll.drain().then(() => {
      drained = true
    })
    await clock.advance(180)
    expect(drained).toBe(false)
    await clock.advance(200)
    await draining
    expect(await outcomeOf(run)).toEqual(used(1, 1))
  })

  it('is over at once where nothing goes on', async () => {
    const { plimsoll } = busy()
    expect(await plimsoll.drain()).toEqual({ waiting: 0, reservations: 0 })
    expect(await plimsoll.drain()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('gives up after its time or by its signal: whoever waits is turned away, and it says what is left', async () => {
    const late = busy()
    const calls = [1, 2].map(() => outcomeOf(late.plimsoll.call(CALL, late.slow(1_000))))
    await late.clock.advance(0)
    const left = late.plimsoll.drain({ timeoutMs: 100 })
    await late.clock.advance(100)
    expect(await left).toEqual({ waiting: 0, reservations: 1 })
    expect(await calls[1]).toBe('closed')

    const aborted = busy()
    const controller = new AbortController()
    void outcomeOf(aborted.plimsoll.call(CALL, aborted.slow(1_000)))
    await aborted.clock.advance(0)
    const stopped = aborted.plimsoll.drain({ signal: controller.signal })
    controller.abort()
    expect(await stopped).toEqual({ waiting: 0, reservations: 1 })
    expect(await aborted.plimsoll.drain({ signal: AbortSignal.abort() })).toMatchObject({ reservations: 1 })
  })
})

describe('flushing', () => {
  it('waits for the store to take what it was told, however often it fails', async () => {
    const inner = new MemoryStore()
    let down = true
    const { clock, plimsoll } = setUp({
      targets: TARGETS,
      store: {
        send(op, now, done) {
          if (down && op.type === 'settle')
            return done({ kind: 'failure', error: new Error('down') } as never)
          inner.send(op, now, done)
        },
      },
    })
    await plimsoll.call(CALL, async () => used(1, 1))
    let flushed = false
    const flushing = plimsoll.flush().then(() => {
      flushed = true
    })
    await clock.advance(40)
    expect([flushed, inner.open]).toEqual([false, 1])
    down = false
    await clock.advance(500)
    await flushing
    expect([flushed, inner.open]).toEqual([true, 0])
  })

  it('waits for what listeners have begun, and does not mind if it fails', async () => {
    const { clock, plimsoll } = busy()
    let written = 0
    plimsoll.on((async ({ type }: { type: string }) => {
      if (type !== 'call.finished') return
      await new Promise<void>((done) => clock.timer(50, done))
      written++
      throw new Error('and then it broke')
    }) as never)
    await plimsoll.call(CALL, async () => used(1, 1))
    let flushed = false
    const flushing = plimsoll.flush().then(() => {
      flushed = true
    })
    await clock.advance(49)
    expect(flushed).toBe(false)
    await clock.advance(1)
    await flushing
    expect(written).toBe(1)
  })

  it('is over at once where there is nothing', async () => {
    await expect(busy().plimsoll.flush()).resolves.toBeUndefined()
  })
})

describe('forgetting', () => {
  it('clears what a tenant, or a user, has used of their budgets, and nobody else', async () => {
    const { plimsoll } = setUp({
      targets: { 'openai/model': { limits: { rpm: 1_000 } } },
      budgets: [
        { per: 'tenant', tokens: 100, every: 'month' },
        { per: ['tenant', 'user'], tokens: 100, every: 'month' },
      ],
    })
    const spend = (who: object) => {
      const ticket = plimsoll.reserve({ ...CALL, ...who })
      ticket.reservation?.settle({ inputTokens: 60, outputTokens: 40 }, 'exact')
      return ticket.state
    }
    const [acme, other] = [
      { tenant: 'acme', user: 'u' },
      { tenant: 'other', user: 'v' },
    ]
    expect([spend(acme), spend(other), spend(acme)]).toEqual(['granted', 'granted', 'rejected'])
    await plimsoll.forget({ tenant: 'acme' })
    expect([spend(acme), spend(other)]).toEqual(['granted', 'rejected'])
    await plimsoll.forget({ user: 'u' })
    expect([spend(acme), spend({ tenant: 'new', user: 'u' })]).toEqual(['rejected', 'granted'])
    await expect(plimsoll.forget({ tenant: '' })).rejects.toMatchObject({ code: 'invalid-call' })
  })

  it('looks its budgets up anew', async () => {
    let asked = 0
    const { plimsoll } = setUp({
      targets: { 'openai/model': { limits: { rpm: 1_000 } } },
      budgets: () => {
        asked++
        return []
      },
    })
    const call = (tenant: string) => plimsoll.reserve({ ...CALL, tenant }).cancel()
    for (const tenant of ['a', 'b', 'a', 'b']) call(tenant)
    await plimsoll.forget({ tenant: 'a' })
    for (const tenant of ['a', 'b']) call(tenant)
    expect(asked).toBe(3)
  })
})

describe('a caller that leaves while its grant is being told', () => {
  it('holds nothing', () => {
    const settled: string[] = []
    const plimsoll = createPlimsoll({
      targets: { 'openai/model': { limits: { concurrency: 1 } } },
      onEvent(event) {
        settled.push(event.type)
        if (event.type === 'budget.reserved') second?.cancel()
      },
    })
    let second: Ticket | undefined
    const first = plimsoll.reserve({ target: 'openai/model', inputTokens: 1 })
    second = plimsoll.reserve({ target: 'openai/model', inputTokens: 1 })
    first.reservation?.settle({}, 'at-least')
    expect(second.state).toBe('aborted')
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    expect(settled.filter((type) => type === 'budget.reserved')).toHaveLength(2)
    expect(settled.filter((type) => type === 'budget.cancelled')).toHaveLength(1)
  })
})

describe('a caller that leaves while it is told that it was let in at once', () => {
  it('is not called for, and holds nothing', async () => {
    const caller = new AbortController()
    let calls = 0
    const plimsoll = createPlimsoll({
      targets: TARGETS,
      onEvent(event) {
        if (event.type === 'budget.reserved') caller.abort(new Error('gone'))
      },
    })
    const called = plimsoll.call({ ...CALL, signal: caller.signal }, async () => void calls++)
    await expect(called).rejects.toThrow('gone')
    expect(calls).toBe(0)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })
})
