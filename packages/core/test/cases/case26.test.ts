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

it('case 26: nor is anything said to one who has left before anything was tried', async () => {
  const { plimsoll } = setUp({
    targets: { 'openai/a': { contextTokens: 1 } },
    tasks: { answer: { targets: ['openai/a'], degrade: [{ message: 'Sorry.' }] } },
  })
  const call = { task: 'answer', inputTokens: 10, signal: AbortSignal.abort('timeout') }
  await expect(plimsoll.call(call, async () => 'an answer')).rejects.toBe('timeout')
})

it.each(['timeout', 'The operation timed out', 'fetch failed'])(
  'case 26: nothing is tried after the user has left, whatever the reason says: %s',
  async (message) => {
    const { clock, plimsoll, records } = setUp({
      tasks: { answer: { targets: ['openai/a', 'openai/b'], degrade: [{ message: 'Sorry.' }] } },
    })
    const controller = new AbortController()
    const asked: string[] = []
    const call = plimsoll.call(
      { task: 'answer', inputTokens: 1, maxOutputTokens: 1, signal: controller.signal },
      async ({ target, signal }) => {
        asked.push(target)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error(message))))
      },
    )
    const caught = call.catch((error: unknown) => error)
    await clock.advance(10)
    const reason = new Error(message)
    controller.abort(reason)
    expect(await caught).toBe(reason)
    await clock.advance(60_000)
    expect(asked).toEqual(['openai/a'])
    expect(records()).toMatchObject([{ outcome: 'aborted', attempts: 1 }])
  },
)
