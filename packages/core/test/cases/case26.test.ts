import { expect, it } from 'vitest'
import { outcomeOf, setUp } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }
const config = { timeouts: { attemptMs: 60_000 }, retry: { maxAttempts: 5 } } as const

it.each([
  new Error('timeout'),
  new DOMException('The operation timed out', 'TimeoutError'),
  new Error('status 503: connection reset, timed out'),
])("case 26: a user's own abort is no timeout, whatever its reason says: %s", async (reason) => {
  const { clock, plimsoll, records, events } = setUp(config)
  const caller = new AbortController()
  let tries = 0
  const call = plimsoll.call({ ...CALL, signal: caller.signal }, ({ signal }) => {
    tries++
    // As toolkits do: an error of their own for it.
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(Object.assign(new Error('timed out'), { status: 504 }))),
    )
  })
  const caught = call.catch((error: unknown) => error)
  await clock.advance(1_000)
  caller.abort(reason)
  expect(await caught).toBe(reason)
  await clock.advance(120_000)
  expect(tries).toBe(1)
  expect(records()).toMatchObject([{ outcome: 'aborted', attempts: 1, failures: {} }])
  expect(events.some(({ type }) => type === 'retry.scheduled' || type === 'breaker.opened')).toBe(false)
})

it('case 26: nor is one that comes while a repeat is waited for', async () => {
  const { clock, plimsoll, records } = setUp(config)
  const caller = new AbortController()
  let tries = 0
  const call = plimsoll.call({ ...CALL, signal: caller.signal }, async () => {
    tries++
    throw Object.assign(new Error('busy'), { status: 503, headers: { 'retry-after': '10' } })
  })
  const outcome = outcomeOf(call)
  await clock.advance(1_000)
  caller.abort(new Error('left'))
  expect([await outcome, tries]).toEqual(['left', 1])
  expect(records()).toMatchObject([{ outcome: 'aborted', latencyMs: { retryDelay: 1_000, total: 1_000 } }])
  // The alarm for leases, which is left to ring for nothing.
  expect(clock.pending).toBe(1)
})
