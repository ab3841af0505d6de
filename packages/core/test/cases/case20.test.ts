import { PlimsollError } from '@plimsoll/core'
import type { PlimsollConfig } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { httpError, MINUTE, NO_REPEATS, setUp } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }

it('case 20: a refusal of our own says when to come back: of an open circuit', async () => {
  const { clock, plimsoll } = setUp({ breaker: { failures: 1, openMs: 10_000 } })
  const failing = plimsoll.call(CALL, () => Promise.reject(httpError(500))).catch(() => {})
  await clock.advance(10_000)
  await failing
  const { error } = plimsoll.reserve(CALL)
  expect(error).toMatchObject({ code: 'circuit-open' })
  expect(error!.retryAfterMs).toBeGreaterThan(0)
  await clock.advance(error!.retryAfterMs!)
  expect(plimsoll.reserve(CALL).state).toBe('granted')
})

it('case 20: a repeat is not made at once', async () => {
  const { clock, plimsoll, events } = setUp()
  const sent: number[] = []
  const call = plimsoll.call(CALL, async ({ attempt }) => {
    sent.push(clock.now())
    if (attempt < 3) throw httpError(500)
    return 'answered'
  })
  await clock.advance(10_000)
  await call
  const delays = events.flatMap((event) => (event.type === 'retry.scheduled' ? [event.delayMs] : []))
  expect(sent).toEqual([0, delays[0], delays[0]! + delays[1]!])
})

it('case 20: a refusal inside of a call is found, with its wait, and is not tried again outside', async () => {
  const { plimsoll } = setUp()
  let tries = 0
  const refusal = new PlimsollError({
    code: 'provider-failed',
    message: 'of another Plimsoll',
    retryAfterMs: 7_000,
    cause: httpError(503),
  })
  const error = await plimsoll
    .call(CALL, async () => {
      tries++
      throw new Error('wrapped', { cause: refusal })
    })
    .catch((caught: unknown) => caught)
  expect([PlimsollError.find(error)?.retryAfterMs, tries]).toEqual([7_000, 1])
})

describe('case 20: every refusal of our own that time mends says how much of it', () => {
  const limits = { limits: { concurrency: 1 } }
  const busy = { targets: { 'openai/model': limits, 'openai/other': limits } } as const

  it.each<[string, PlimsollConfig, object]>([
    ['wait-too-long', { targets: { 'openai/model': { limits: { rpm: 1 } } }, queue: { maxWaitMs: 1 } }, CALL],
    ['wait-too-long', { budgets: [{ per: 'tenant', requests: 1, every: 'day' }] }, CALL],
    ['queue-full', { ...busy, queue: { maxWaiting: 1 } }, CALL],
    ['deadline-exceeded', busy, { ...CALL, deadlineMs: 1_000 }],
    [
      'no-target',
      {
        ...busy,
        queue: { maxWaitMs: 500 },
        tasks: { answer: { targets: ['openai/model', 'openai/other'] } },
      },
      { task: 'answer', inputTokens: 1, maxOutputTokens: 1 },
    ],
  ])('%s', async (code, config, call) => {
    const { clock, plimsoll } = setUp(config)
    for (const target of ['openai/model', 'openai/other']) plimsoll.reserve({ ...CALL, target })
    // Of a queue of one, the one.
    plimsoll.call(CALL, async () => 1).catch(() => {})
    const refused = plimsoll.call(call, async () => 1).catch((error: unknown) => error)
    await clock.advance(MINUTE)
    const error = await refused
    expect(error).toMatchObject({ code })
    expect((error as PlimsollError).retryAfterMs).toBeGreaterThan(0)
  })
})

it('case 20: routing by what there is room for does not come back to a target that has just failed', async () => {
  const { clock, plimsoll } = setUp({
    ...NO_REPEATS,
    targets: { 'openai/a': { limits: { rpm: 1_000 } }, 'openai/b': { limits: { rpm: 10 } } },
    tasks: { answer: { targets: ['openai/a', 'openai/b'], strategy: 'headroom' } },
  })
  const sent: [string, number][] = []
  const call = plimsoll
    .call({ task: 'answer', inputTokens: 1, maxOutputTokens: 1 }, async ({ target }) => {
      sent.push([target, clock.now()])
      throw httpError(500)
    })
    .catch(() => {})
  await clock.advance(MINUTE)
  await call
  expect(sent).toEqual([
    ['openai/a', 0],
    ['openai/b', 0],
  ])
})
