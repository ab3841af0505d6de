import { describe, expect, it } from 'vitest'
import { httpError, outcomeOf, setUp } from '../support/set-up.ts'

const config = { targets: { 'openai/model': { limits: { concurrency: 1 } } } } as const
const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }

describe('case 34: the queue', () => {
  it('is left by entries that time out, and they block nobody', async () => {
    const { clock, plimsoll } = setUp(config)
    const holder = plimsoll.reserve(CALL)
    const entries = Array.from({ length: 20 }, () => plimsoll.reserve({ ...CALL, deadlineMs: 1_000 }))
    const patient = plimsoll.reserve({ ...CALL, deadlineMs: 30_000 })
    expect(plimsoll.state().waiting).toBe(21)
    await clock.advance(1_000)
    expect(new Set(entries.map(({ error }) => error?.code))).toEqual(new Set(['deadline-exceeded']))
    expect(plimsoll.state().waiting).toBe(1)
    holder.reservation!.settle({ inputTokens: 1, outputTokens: 1 }, 'exact')
    expect(patient.state).toBe('granted')
  })

  it('lets one in for one slot, not all of a wave', async () => {
    const { plimsoll } = setUp(config)
    const holder = plimsoll.reserve(CALL)
    const waiting = Array.from({ length: 20 }, () => plimsoll.reserve(CALL))
    holder.reservation!.cancel()
    expect(waiting.filter(({ state }) => state === 'granted')).toHaveLength(1)
  })

  it('heeds a Retry-After that came after its entries did', async () => {
    const { clock, plimsoll } = setUp(config)
    const sent: number[] = []
    const first = plimsoll.call({ ...CALL, deadlineMs: 1_000 }, async () => {
      await new Promise<void>((done) => clock.timer(100, done))
      throw httpError(429, { 'retry-after': '5' })
    })
    const second = plimsoll.call(CALL, async () => sent.push(clock.now()))
    const outcomes = Promise.all([outcomeOf(first), outcomeOf(second)])
    await clock.advance(20_000)
    expect(await outcomes).toEqual(['rate-limited', 1])
    expect(sent[0]).toBeGreaterThanOrEqual(5_100)
  })
})
