import { PlimsollError } from '@plimsoll/core'
import { expect, it } from 'vitest'
import { httpError, setUp } from '../support/set-up.ts'

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
