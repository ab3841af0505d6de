import { describe, expect, it } from 'vitest'
import { core } from '../../test/support/core.ts'
import { generic } from '../providers/generic.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { HigherUse } from './higher-use.ts'
import { limitLines } from './limit-lines.ts'
import type { LimitEntry } from './limits.ts'

it('of ten slots one is kept for the highest priority: a tenth of ten is one', () => {
  const higher = new HigherUse(limitLines('t', [{ unit: 'slots', amount: 10 }], generic))
  expect(higher.leave(1, 0, 1, 0)).toBe(1)
})

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
