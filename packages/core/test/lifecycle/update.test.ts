import { describe, expect, it } from 'vitest'
import { MINUTE, outcomeOf, PATIENT, setUp, used } from '../support/set-up.ts'

const limited = (tpm: number) => ({ 'openai/model': { limits: { tpm } } })
const CALL = { target: 'openai/model', inputTokens: 60, maxOutputTokens: 40 } as const

describe('limits that change while calls are under way', () => {
  it('let more in at once, in the order they came', async () => {
    const { plimsoll } = setUp({ targets: limited(100), ...PATIENT })
    const tickets = Array.from({ length: 5 }, () => plimsoll.reserve(CALL))
    const states = () => tickets.map(({ state }) => state === 'granted')
    expect(states()).toEqual([true, false, false, false, false])
    plimsoll.update({ targets: limited(300) })
    expect(states()).toEqual([true, true, true, false, false])
  })

  it('keep what is used and owed', async () => {
    const { clock, plimsoll, left } = setUp({ targets: limited(1_000), ...PATIENT })
    const tickets = Array.from({ length: 8 }, () => plimsoll.reserve(CALL))
    plimsoll.update({ targets: limited(500) })
    expect(await left('openai/model', 'tokens')).toBe(-300)
    for (const { reservation } of tickets) reservation!.settle({ inputTokens: 60, outputTokens: 40 }, 'exact')
    expect(await left('openai/model', 'tokens')).toBe(-300)
    expect(plimsoll.reserve(CALL).state).toBe('queued')
    await clock.advance(2 * MINUTE)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 1 })
  })

  it('may be others than before: those that wait are judged by the new ones', async () => {
    const { plimsoll } = setUp({ targets: limited(100), ...PATIENT })
    const first = plimsoll.reserve(CALL)
    const waiting = Array.from({ length: 3 }, () => plimsoll.reserve(CALL))
    plimsoll.update({ targets: { 'openai/model': { limits: { concurrency: 2 } } } })
    expect([first, ...waiting].map(({ state }) => state)).toEqual(['granted', 'granted', 'granted', 'queued'])
    waiting[0]!.reservation!.cancel()
    expect(waiting[2]!.state).toBe('granted')
  })

  it('turn away at once whoever can never fit any more', () => {
    const { plimsoll } = setUp({ targets: limited(100), ...PATIENT })
    const [, waiting] = [plimsoll.reserve(CALL), plimsoll.reserve(CALL)]
    plimsoll.update({ targets: limited(50) })
    expect(waiting!.error).toMatchObject({ code: 'too-large' })
  })

  it('of a target that joins a pool are the pool’s', () => {
    const { plimsoll } = setUp({ targets: limited(100), ...PATIENT })
    plimsoll.reserve(CALL)
    const waiting = plimsoll.reserve(CALL)
    plimsoll.update({
      targets: { 'openai/model': { pool: 'p' }, 'openai/other': { pool: 'p' } },
      pools: { p: { limits: { tpm: 150 } } },
    })
    expect(waiting.state).toBe('granted')
    expect(plimsoll.reserve({ ...CALL, target: 'openai/other' }).state).toBe('queued')
  })

  it('keep each caller’s deadline, and its place', async () => {
    const { clock, plimsoll, events } = setUp({ targets: limited(100), ...PATIENT })
    plimsoll.reserve(CALL).reservation!.settle({ inputTokens: 60, outputTokens: 40 }, 'exact')
    const waiting = plimsoll.reserve({ ...CALL, deadlineMs: 70_000 })
    await clock.advance(30_000)
    plimsoll.update({ targets: limited(101) })
    plimsoll.reserve({ ...CALL, tenant: 'late' })
    expect(events.filter(({ type }) => type === 'queue.entered')).toHaveLength(2)
    await clock.advance(31_000)
    expect(waiting.state).toBe('granted')
  })
})

describe('budgets and prices that change', () => {
  it('hold from now on, for what was used before too', async () => {
    const targets = limited(1_000_000)
    const { plimsoll } = setUp({ targets, budgets: [{ per: 'tenant', tokens: 300, every: 'month' }] })
    const settled = () => {
      const ticket = plimsoll.reserve(CALL)
      ticket.reservation?.settle({ inputTokens: 60, outputTokens: 40 }, 'exact')
      return ticket.state
    }
    expect([settled(), settled(), settled(), settled()]).toEqual([
      'granted',
      'granted',
      'granted',
      'rejected',
    ])
    plimsoll.update({ budgets: [{ per: 'tenant', tokens: 400, every: 'month' }] })
    expect([settled(), settled()]).toEqual(['granted', 'rejected'])
    plimsoll.update({ budgets: [] })
    expect(settled()).toBe('granted')
  })

  it('price calls anew', async () => {
    const { plimsoll, records } = setUp({ targets: limited(1_000_000) })
    await plimsoll.call(CALL, async () => used(1_000, 0))
    plimsoll.update({ prices: { 'openai/model': { input: 1, output: 1 } } })
    await plimsoll.call(CALL, async () => used(1_000, 0))
    expect(records().map(({ costUsd }) => costUsd)).toEqual([undefined, 0.001])
  })
})

describe('a change that is not as it should be', () => {
  it.each([
    [{ targets: { 'openai/model': { pool: 'none' } } }, "`targets['openai/model'].pool` is 'none'"],
    [{ targets: { 'openai/model': { limits: { rpm: 0 } } } }, 'rpm'],
    [{ leaseMs: 5 }, '`leaseMs` is not an option'],
    [{ budgets: [{ per: 'tenant', usd: 1, every: 'day' }] }, 'the price of `openai/model` is not known'],
  ])('changes nothing: %o', async (change, message) => {
    const { plimsoll, left } = setUp({ targets: limited(100), ...PATIENT })
    expect(() => plimsoll.update(change as never)).toThrow(message)
    expect(await left('openai/model', 'tokens')).toBe(100)
    expect(await outcomeOf(plimsoll.call(CALL, async () => 'served'))).toBe('served')
  })
})

it('what is learnt of a target stays with it', async () => {
  const { plimsoll, left } = setUp()
  await plimsoll.call(CALL, async () => used(60, 40))
  const ticket = plimsoll.reserve(CALL)
  const before = await left('openai/model', 'slots')
  plimsoll.update({ queue: { maxWaitMs: 5 } })
  plimsoll.update({ targets: { 'openai/model': { limits: 'learn' } } })
  expect(await left('openai/model', 'slots')).toBe(before)
  ticket.cancel()
})
