import { describe, expect, it } from 'vitest'
import { setUp } from '../support/set-up.ts'

describe('case 9: limits of one target', () => {
  it('count apart: tokens that are nearly spent refuse no call that fits, nor does the number of calls', async () => {
    const { plimsoll, left } = setUp({ targets: { 'openai/model': { limits: { rpm: 10, tpm: 1_000 } } } })
    const states = Array.from(
      { length: 9 },
      () => plimsoll.reserve({ target: 'openai/model', inputTokens: 0, maxOutputTokens: 105 }).state,
    )
    expect(states.every((state) => state === 'granted')).toBe(true)
    expect([await left('openai/model', 'requests'), await left('openai/model', 'tokens')]).toEqual([1, 55])
    expect(plimsoll.reserve({ target: 'openai/model', inputTokens: 0, maxOutputTokens: 55 }).state).toBe(
      'granted',
    )
  })

  it('are taken all or none: a call that lacks a slot burns no request', async () => {
    const { plimsoll, left } = setUp({ targets: { 'openai/model': { limits: { rpm: 2, concurrency: 1 } } } })
    const call = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }
    const first = plimsoll.reserve(call)
    const impatient = Array.from({ length: 20 }, () => plimsoll.reserve(call))
    for (const ticket of impatient) ticket.cancel()
    first.reservation!.settle({ inputTokens: 1, outputTokens: 1 }, 'exact')
    expect(await left('openai/model', 'requests')).toBe(1)
    expect(plimsoll.reserve(call).state).toBe('granted')
  })
})
