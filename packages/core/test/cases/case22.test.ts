import { expect, it } from 'vitest'
import { setUp } from '../support/set-up.ts'

it.each([
  new TypeError("Cannot read properties of undefined (reading 'timeout')"),
  new Error('rate limit of our own'),
  'a text',
])('case 22: a mistake in code is thrown as it is and never tried again: %s', async (mistake) => {
  const { clock, plimsoll, events } = setUp({ targets: { 'openai/model': { limits: { rpm: 10 } } } })
  let tries = 0
  const call = plimsoll.call({ target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }, async () => {
    tries++
    throw mistake
  })
  const caught = call.catch((error: unknown) => error)
  await clock.advance(30_000)
  expect(await caught).toBe(mistake)
  expect(tries).toBe(1)
  expect(events.some(({ type }) => type === 'limit.paused')).toBe(false)
})
