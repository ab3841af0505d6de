import { describe, expect, it } from 'vitest'
import { core } from '../../test/support/core.ts'
import type { SimpleCall } from '../../test/support/core.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { AnswerTo, Op } from '../store/port.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import type { HeldReservation } from './reservation.ts'

function setUp() {
  const clock = virtualClock()
  const inner = new MemoryStore()
  const ops: Op['type'][] = []
  const store = {
    send<O extends Op>(op: O, now: number, done: (answer: AnswerTo<O>) => void) {
      ops.push(op.type)
      inner.send(op, now, done)
    },
  }
  const { admission, asking, target, events } = core({
    clock,
    store,
    leaseMs: 8_000,
    targets: { 'generic/model': { limits: { tpm: 1_000, concurrency: 2 } } },
  })
  const told: string[] = []
  events.listen(({ type }) => told.push(type))
  const model = target('generic/model')
  const grant = (call: Partial<SimpleCall> = {}) =>
    admission.reserve(asking(model, { input: 60, output: 40, ...call })).reservation as HeldReservation
  const left = async () => {
    const { limits } = await admission.headroom(model, {})
    return Object.fromEntries(limits.map(({ unit, available }) => [unit, available]))
  }
  const opsSince = (fn: () => void) => {
    ops.length = 0
    fn()
    return [...ops]
  }
  return { clock, admission, grant, left, opsSince, told, inner }
}

describe('a reservation', () => {
  it('closes its slot and its tokens apart, each once', async () => {
    const { grant, left, admission } = setUp()
    const held = grant()
    expect(await left()).toEqual({ tokens: 900, slots: 1 })
    held.releaseSlots()
    held.releaseSlots()
    expect([await left(), admission.open]).toEqual([{ tokens: 900, slots: 2 }, 1])
    held.settle({ inputTokens: 10, outputTokens: 5 }, 'exact')
    expect([await left(), admission.open, held.open]).toEqual([{ tokens: 985, slots: 2 }, 0, false])
  })

  it('is closed by whatever closes it first', async () => {
    const closings: ((held: HeldReservation) => void)[] = [
      (held) => held.settle({ inputTokens: 1, outputTokens: 1 }, 'exact'),
      (held) => held.cancel(),
      (held) => held.fail({ class: 'server', status: 500 }),
    ]
    for (const first of closings) {
      const { grant, opsSince, admission } = setUp()
      const held = grant()
      first(held)
      const later = opsSince(() => {
        for (const close of closings) close(held)
        held.acknowledge()
        held.refresh()
        held.releaseSlots()
      })
      expect([later, admission.open]).toEqual([[], 0])
    }
  })

  it('settled as `at-least` is charged the estimate or more, never less', async () => {
    const { grant, left } = setUp()
    grant().settle({ inputTokens: 10, outputTokens: 5 }, 'at-least')
    expect(await left()).toEqual({ tokens: 900, slots: 2 })
    grant().settle({ inputTokens: 300, outputTokens: 5 }, 'at-least')
    expect(await left()).toEqual({ tokens: 595, slots: 2 })
  })

  it('that failed gives its tokens back where a rate limit refused them, or nothing was sent', async () => {
    const { grant, left } = setUp()
    grant().fail({ class: 'rate-limit', status: 429 })
    grant().fail({ class: 'network', neverSent: true })
    expect(await left()).toEqual({ tokens: 1_000, slots: 2 })
    grant().fail({ class: 'server', status: 500 })
    expect(await left()).toEqual({ tokens: 900, slots: 2 })
  })

  it('renews its lease no more often than an eighth of it', () => {
    const { clock, grant, opsSince } = setUp()
    const held = grant()
    const renewed = [500, 499, 1, 999, 1].map((ms) => {
      clock.advanceSync(ms)
      return opsSince(() => held.refresh()).length
    })
    expect(renewed).toEqual([0, 0, 1, 0, 1])
  })

  it('acknowledges once', () => {
    const { grant, opsSince } = setUp()
    const held = grant()
    expect(opsSince(() => [held.acknowledge(), held.acknowledge()])).toEqual(['acknowledge'])
  })

  it('is closed at its estimate when nobody renews its lease', async () => {
    const { clock, grant, left, told, admission } = setUp()
    grant()
    clock.advanceSync(7_999)
    expect(admission.open).toBe(1)
    clock.advanceSync(1)
    expect([admission.open, await left(), told.slice(-2)]).toEqual([
      0,
      { tokens: 900, slots: 2 },
      ['lease.expired', 'budget.settled'],
    ])
  })

  it('leaves nothing in the store, and in the end no timer, when all are closed', () => {
    const { clock, grant, inner } = setUp()
    grant().cancel()
    grant().settle({}, 'exact')
    expect(inner.open).toBe(0)
    clock.advanceSync(8_000)
    expect(clock.pending).toBe(0)
  })
})
