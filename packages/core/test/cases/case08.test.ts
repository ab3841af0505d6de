import { expect, it } from 'vitest'
import { outcomeOf, setUp, used } from '../support/set-up.ts'

it('case 8: a small limit admits its very first call, which says how long its answer may be', async () => {
  const { plimsoll, left } = setUp({ targets: { 'openai/model': { limits: { tpm: 100 } } } })
  const call = plimsoll.call({ target: 'openai/model', inputTokens: 20, maxOutputTokens: 50 }, async () => {
    expect(await left('openai/model', 'tokens')).toBeGreaterThanOrEqual(20)
    return used(20, 10)
  })
  expect(await outcomeOf(call)).toEqual(used(20, 10))
})

it.each([{ tpm: 500 }, { otpm: 500 }])(
  'case 8: and one that does not say takes all of a limit that a guess would pass: %o',
  (limits) => {
    const { plimsoll } = setUp({ targets: { 'openai/model': { limits } } })
    const call = { target: 'openai/model', inputTokens: 10 }
    expect([plimsoll.reserve(call).state, plimsoll.reserve(call).state]).toEqual(['granted', 'queued'])
  },
)
