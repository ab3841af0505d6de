import { expect, it } from 'vitest'
import { httpError, outcomeOf, setUp } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }
const targets = { 'openai/model': { limits: { rpm: 1_000 } } }
const PATIENT = { targets, queue: { maxWaitMs: 600_000 } }

it('case 19: the wait that the latest error asks for is the one that is kept', async () => {
  const { clock, plimsoll } = setUp(PATIENT)
  const sent: number[] = []
  const call = plimsoll.call(CALL, async ({ attempt }) => {
    sent.push(clock.now())
    if (attempt === 1) throw httpError(503, { 'retry-after': '9' })
    if (attempt === 2) throw httpError(503, { 'retry-after': '107' })
    return 'answered'
  })
  await clock.advance(300_000)
  expect(await call).toBe('answered')
  const [first = 0, second = 0, third = 0] = sent
  expect(second - first).toBeGreaterThanOrEqual(9_000)
  expect(third - second).toBeGreaterThanOrEqual(107_000)
  expect(third - second).toBeLessThanOrEqual(107_000 * 1.05)
})

it('case 19: `retry-after: 90` is never retried after 2 s: where it is too long there is no retry', async () => {
  const { clock, plimsoll, records } = setUp({ targets })
  let tries = 0
  const call = plimsoll.call(CALL, async () => {
    tries++
    throw httpError(503, { 'retry-after': '90' })
  })
  // The error is there at once: nobody waits for nothing.
  expect(await outcomeOf(call)).toBe('status 503')
  await clock.advance(300_000)
  expect(tries).toBe(1)
  expect(records()).toMatchObject([{ attempts: 1, latencyMs: { retryDelay: 0 } }])
})

it('case 19: nor where the deadline comes first', async () => {
  const { plimsoll } = setUp(PATIENT)
  const call = plimsoll.call({ ...CALL, deadlineMs: 20_000 }, () =>
    Promise.reject(httpError(503, { 'retry-after': '90' })),
  )
  expect(await outcomeOf(call)).toBe('status 503')
})
