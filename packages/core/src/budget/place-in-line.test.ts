import { describe, expect, it } from 'vitest'
import { httpError, setUp } from '../../test/support/set-up.ts'
import { core } from '../../test/support/core.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import type { LimitEntry } from './limits.ts'

describe('a call that enters the queue', () => {
  const TOKENS: LimitEntry = { unit: 'tokens', amount: 1_000, perMs: 1_000, algorithm: 'token-bucket' }

  it('is not counted twice in the wait that is predicted for it', () => {
    const { admission, asking, target } = core({
      clock: virtualClock(),
      targets: { 'generic/model': { limits: [TOKENS] } },
    })
    const ask = (input: number, deadline: number) =>
      admission.reserve(asking(target('generic/model'), { input, deadline, priority: 'high' }))
    ask(1_000, Infinity).reservation!.acknowledge()
    // 500 tokens are there after 500 ms, and `certain` refuses only what is certainly too late.
    expect(ask(500, 499).error?.retryAfterMs).toBe(500)
    expect(ask(500, 501).state).toBe('queued')
  })
})

it('a call that a rate limit turned back is back at the front of its tenant’s line', async () => {
  const { clock, plimsoll } = setUp({ targets: { 'openai/model': { limits: { concurrency: 1 } } } })
  const order: string[] = []
  let tries = 0
  const calls = ['first', 'second', 'third'].map((name) =>
    plimsoll.call({ target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }, async () => {
      if (name === 'first' && ++tries === 1) throw httpError(429, { 'retry-after': '1' })
      order.push(name)
    }),
  )
  await clock.advance(30_000)
  await Promise.all(calls)
  expect(order).toEqual(['first', 'second', 'third'])
})
