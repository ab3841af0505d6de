import { expect, it } from 'vitest'
import { DAY, MINUTE, outcomeOf, setUp, used } from '../support/set-up.ts'

it('case 2: 1,000 concurrent calls of one run do not overshoot its budget', async () => {
  const { clock, plimsoll } = setUp({
    targets: { 'openai/model': { limits: { tpm: 10_000_000 } } },
    budgets: [{ per: 'run', limits: [{ unit: 'tokens', amount: 50_000, perMs: DAY }] }],
  })
  let tokens = 0
  const run = plimsoll.workflow('session', {}, () =>
    Promise.all(
      Array.from({ length: 1_000 }, () =>
        outcomeOf(
          plimsoll.call({ target: 'openai/model', inputTokens: 0, maxOutputTokens: 1_000 }, async () => {
            await new Promise<void>((done) => clock.timer(50, done))
            tokens += 1_000
            return used(500, 500)
          }),
        ),
      ),
    ),
  )
  await clock.advance(2 * MINUTE)
  const outcomes = await run
  expect({ tokens, refused: outcomes.filter((one) => one === 'wait-too-long').length }).toEqual({
    tokens: 50_000,
    refused: 950,
  })
})
