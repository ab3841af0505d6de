import { describe, expect, it } from 'vitest'
import { DAY, MINUTE, outcomeOf, PATIENT, setUp, used } from '../support/set-up.ts'

describe('case 1: concurrent calls and one limit', () => {
  it('5 concurrent calls of 40 tokens never use more than the 100 of a minute', async () => {
    const targets = { 'openai/model': { limits: { tpm: 100 } } }
    const { clock, plimsoll } = setUp({ targets, ...PATIENT })
    const sent: number[] = []
    const calls = Array.from({ length: 5 }, () =>
      plimsoll.call({ target: 'openai/model', inputTokens: 30, maxOutputTokens: 10 }, async () => {
        sent.push(clock.now())
        return used(30, 10)
      }),
    )
    await clock.runAll()
    await Promise.all(calls)
    const busiest = Math.max(
      ...sent.map((at) => sent.filter((other) => other > at - MINUTE && other <= at).length),
    )
    expect({ calls: sent.length, tokensInTheWorstMinute: busiest * 40 }).toEqual({
      calls: 5,
      tokensInTheWorstMinute: 80,
    })
  })

  it('5 concurrent calls of 133 tokens are refused at once: the limit never holds one of them', async () => {
    const { plimsoll } = setUp({ targets: { 'openai/model': { limits: { tpm: 100 } } } })
    let sent = 0
    const calls = Array.from({ length: 5 }, () =>
      outcomeOf(
        plimsoll.call({ target: 'openai/model', inputTokens: 100, maxOutputTokens: 33 }, async () => sent++),
      ),
    )
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 5 }, () => 'too-large'))
    expect(sent).toBe(0)
  })

  it('of 50 concurrent calls of 1,000 a budget of 5,000 tokens admits exactly 5', async () => {
    const { clock, plimsoll } = setUp({
      targets: { 'openai/model': { limits: { tpm: 1_000_000 } } },
      budgets: [{ per: 'tenant', limits: [{ unit: 'tokens', amount: 5_000, perMs: DAY }] }],
    })
    let sent = 0
    const calls = Array.from({ length: 50 }, () =>
      outcomeOf(
        plimsoll.call(
          { target: 'openai/model', inputTokens: 400, maxOutputTokens: 600, tenant: 'acme' },
          async () => {
            sent++
            await new Promise<void>((done) => clock.timer(100, done))
            return used(400, 600)
          },
        ),
      ),
    )
    await clock.advance(2 * MINUTE)
    const outcomes = await Promise.all(calls)
    expect(sent).toBe(5)
    expect(outcomes.filter((outcome) => outcome === 'wait-too-long')).toHaveLength(45)
  })
})
