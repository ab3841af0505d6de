import { expect, it } from 'vitest'
import { outcomeOf, setUp, used } from './set-up.ts'

it('case 8: a small limit admits its very first call, which says how long its answer may be', async () => {
  const { plimsoll, left } = setUp({ targets: { 'openai/model': { limits: { tpm: 100 } } } })
  const call = plimsoll.call({ target: 'openai/model', inputTokens: 20, maxOutputTokens: 50 }, async () => {
    expect(await left('openai/model', 'tokens')).toBeGreaterThanOrEqual(20)
    return used(20, 10)
  })
  expect(await outcomeOf(call)).toEqual(used(20, 10))
})
