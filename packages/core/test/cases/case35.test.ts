import { expect, it } from 'vitest'
import { httpError, setUp } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }

it('case 35: calls that failed together do not come back together', async () => {
  const { clock, plimsoll } = setUp({
    targets: { 'openai/model': { limits: { rpm: 10_000 } } },
    breaker: { failures: 1_000 },
  })
  // What has gone well before pays for the repeats.
  for (let call = 0; call < 200; call++) await plimsoll.call(CALL, async () => 'good')
  const came: number[] = []
  const calls = Array.from({ length: 20 }, () =>
    plimsoll.call(CALL, async ({ attempt }) => {
      if (attempt === 1) throw httpError(500)
      came.push(clock.now())
      return 'answered'
    }),
  )
  const all = Promise.all(calls)
  await clock.advance(2_000)
  await all
  expect(came).toHaveLength(20)
  expect(Math.max(...came) - Math.min(...came)).toBeGreaterThan(250)
  expect(new Set(came).size).toBe(20)
})
