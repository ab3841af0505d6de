import { describe, expect, it } from 'vitest'
import { virtualClock } from '../time/virtual-clock.ts'
import { core } from '../../test/support/core.ts'
import { fromHeaders, fromRateLimit } from './feedback.ts'

const MINUTE = 60_000
const DAY = 86_400_000

function targetOf(limits: object) {
  return core({ clock: virtualClock(), targets: { 'openai/model': { limits } } }).target('openai/model')
}

describe('a header', () => {
  const target = targetOf({ rpm: 100, rpd: 5_000, tpm: 1_000 })
  const keysOf = (observation: object) =>
    fromHeaders(target, [{ unit: 'requests', perMs: MINUTE, remaining: 1, ...observation }], 0).map(
      (op) => op.type === 'observe' && op.bucket.perMs,
    )

  it('is about the limit of its unit that is as large as it says', () => {
    expect([keysOf({ limit: 100 }), keysOf({ limit: 5_000 }), keysOf({ limit: 4_990 })]).toEqual([
      [MINUTE],
      [DAY],
      [DAY],
    ])
  })

  it('is about the one of its window where none is as large, or it does not say how large', () => {
    expect([keysOf({ limit: 77 }), keysOf({}), keysOf({ perMs: DAY })]).toEqual([[MINUTE], [MINUTE], [DAY]])
  })

  it('about another limit says nothing', () => {
    expect([keysOf({ perMs: 1_000 }), keysOf({ unit: 'output' }), keysOf({ remaining: undefined })]).toEqual([
      [],
      [],
      [],
    ])
  })
})

describe('a rate limit', () => {
  const pause = (failure: object, random = 0, target = targetOf({ rpm: 100, tpm: 1_000, concurrency: 5 })) =>
    fromRateLimit(target, { class: 'rate-limit', ...failure }, random)

  it('pauses what it names, or else everything', () => {
    expect(pause({ exhausted: ['tokens'] }).buckets.map(({ key }) => key)).toEqual([
      'limit:openai/model:tokens:60000',
    ])
    expect(pause({}).buckets).toHaveLength(3)
    expect(pause({ exhausted: ['output'] }).buckets).toHaveLength(3)
  })

  it('pauses as long as it is told, and up to a twentieth more', () => {
    expect([pause({ retryAfterMs: 1_000 }).forMs, pause({ retryAfterMs: 1_000 }, 1).forMs]).toEqual([
      1_000, 1_050,
    ])
  })

  it.each([undefined, 0, Number.NaN])(
    'that says %s pauses longer each time in a row, up to half a minute',
    (retryAfterMs) => {
      const target = targetOf({ rpm: 100 })
      const pauses = Array.from({ length: 8 }, () => {
        const { forMs } = pause({ ...(retryAfterMs !== undefined && { retryAfterMs }) }, 0.999_999, target)
        target.turnedBack++
        return Math.round(forMs)
      })
      expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
      expect(pause({}).forMs).toBe(250)
    },
  )

  it('tells of the largest call there was, which pacing must let through', () => {
    const target = targetOf({ tpm: 1_000 })
    target.took([300])
    target.took([200])
    expect(pause({}, 0, target).largest).toEqual([300])
  })
})
