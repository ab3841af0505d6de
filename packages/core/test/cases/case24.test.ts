import { expect, it } from 'vitest'
import { httpError, outcomeOf, setUp } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }

it.each([
  ['OpenAI', 429, { error: { code: 'insufficient_quota', type: 'insufficient_quota' } }],
  ['Anthropic', 400, { error: { message: 'Your credit balance is too low to access the API.' } }],
])('case 24: a quota that is used up is not tried again: %s', async (_who, status, body) => {
  const { clock, plimsoll, records, events } = setUp({ retry: { maxAttempts: 10 } })
  let tries = 0
  const call = outcomeOf(
    plimsoll.call(CALL, async () => {
      tries++
      throw Object.assign(httpError(status), body)
    }),
  )
  await clock.advance(120_000)
  expect(await call).toBe(`status ${status}`)
  expect([tries, events.some(({ type }) => type === 'limit.paused')]).toEqual([1, false])
  expect(records()).toMatchObject([{ reason: 'quota-exhausted', attempts: 1 }])
})
