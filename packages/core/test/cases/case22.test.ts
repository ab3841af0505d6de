import { expect, it } from 'vitest'
import { httpError, setUp } from '../support/set-up.ts'

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

it.each([400, 404, 413, 422])(
  'case 22: a request that is at fault is never tried again: %i',
  async (status) => {
    const { clock, plimsoll, records } = setUp()
    const call = plimsoll.call({ target: 'openai/model', inputTokens: 1 }, () =>
      Promise.reject(httpError(status)),
    )
    const caught = call.catch((error: unknown) => error)
    await clock.advance(60_000)
    expect(await caught).toMatchObject({ status })
    expect(records()).toMatchObject([{ attempts: 1, retries: 0 }])
  },
)

it.each([1, 2, 5])(
  'case 22: `maxAttempts: %i` is so many requests, the first included',
  async (maxAttempts) => {
    const { clock, plimsoll } = setUp({ retry: { maxAttempts } })
    let tries = 0
    const call = plimsoll.call({ target: 'openai/model', inputTokens: 1 }, async () => {
      tries++
      throw httpError(500)
    })
    const caught = call.catch((error: unknown) => error)
    await clock.advance(120_000)
    await caught
    expect(tries).toBe(maxAttempts)
  },
)
