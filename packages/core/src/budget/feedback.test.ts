import { describe, expect, it } from 'vitest'
import { virtualClock } from '../time/virtual-clock.ts'
import { core } from '../../test/support/core.ts'
import { fromHeaders, fromRateLimit, resize } from './feedback.ts'
import { line } from '../../test/support/waiters.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000

function targetOf(limits: object, id = 'openai/model') {
  return core({ clock: virtualClock(), targets: { [id]: { limits } } }).target(id)
}

describe('a header', () => {
  const target = targetOf({ rpm: 100, rpd: 5_000, tpm: 1_000 })
  const keysOf = (observation: object, of = target) =>
    fromHeaders(of, [{ unit: 'requests', perMs: MINUTE, remaining: 1, ...observation }], 0).map(
      (op) => op.type === 'observe' && op.bucket.perMs,
    )

  it('is about the limit of its unit and window, whatever it says of how large it is', () => {
    expect([keysOf({}), keysOf({ perMs: DAY }), keysOf({ limit: 77 }), keysOf({ limit: 5_000 })]).toEqual([
      [MINUTE],
      [DAY],
      [MINUTE],
      [MINUTE],
    ])
  })

  it('never bounds a limit of another window, though it be as large', () => {
    expect(keysOf({ perMs: DAY, limit: 100 })).toEqual([DAY])
    expect(keysOf({ perMs: DAY, limit: 1_000, unit: 'tokens' })).toEqual([])
    const both = targetOf({ rpm: 1_000, rpd: 1_000 }, 'groq/model')
    expect([keysOf({ limit: 1_000 }, both), keysOf({ limit: 1_000, perMs: DAY }, both)]).toEqual([
      [MINUTE],
      [DAY],
    ])
  })

  it('of a window that is only assumed is about the limit that is as large as it says', () => {
    const assumed = (limit?: number) => keysOf({ assumed: true, ...(limit !== undefined && { limit }) })
    expect([assumed(100), assumed(5_000), assumed(4_951), assumed(4_950), assumed(5_050)]).toEqual([
      [MINUTE],
      [DAY],
      [DAY],
      [MINUTE],
      [DAY],
    ])
    // Where none is as large, or it does not say how large, about the one of its window.
    expect([assumed(77), assumed()]).toEqual([[MINUTE], [MINUTE]])
    expect(keysOf({ assumed: true, limit: 101, perMs: MINUTE })).toEqual([MINUTE])
    const scaled = targetOf([{ unit: 'requests', amount: 10, perMs: SECOND }])
    expect([
      keysOf({ assumed: true, limit: 10 }, scaled),
      keysOf({ assumed: true, limit: 20 }, scaled),
    ]).toEqual([[SECOND], []])
  })

  it('of a window that is only assumed allows for one part in a hundred', () => {
    const scaled = targetOf([{ unit: 'requests', amount: 101, perMs: SECOND }])
    expect([
      keysOf({ assumed: true, limit: 100 }, scaled),
      keysOf({ assumed: true, limit: 99.9 }, scaled),
    ]).toEqual([[SECOND], []])
  })

  it('of its own window is preferred where two are as large', () => {
    const both = targetOf([
      { unit: 'requests', amount: 100, perMs: DAY },
      { unit: 'requests', amount: 100, perMs: MINUTE },
    ])
    expect(keysOf({ assumed: true, limit: 100 }, both)).toEqual([MINUTE])
  })

  it('about another limit says nothing, and none that does not say what is left', () => {
    expect([keysOf({ perMs: SECOND }), keysOf({ unit: 'output' }), keysOf({ remaining: undefined })]).toEqual(
      [[], [], []],
    )
  })

  it('of a window does not bound a slice of it', () => {
    const sliced = targetOf({ rpm: 600 }, 'xai/model')
    expect(sliced.limits.lines[0]!.bucket).toMatchObject({ capacity: 10, perMs: SECOND })
    expect([keysOf({ limit: 600 }, sliced), keysOf({ perMs: SECOND }, sliced)]).toEqual([[], [SECOND]])
  })

  it('tells what is left, until when, and how old it is', () => {
    const told = [{ unit: 'requests', perMs: DAY, remaining: 7, resetMs: 9 }] as const
    const [op] = fromHeaders(target, told, 5)
    expect(op).toEqual({
      type: 'observe',
      bucket: target.limits.buckets.find(({ perMs }) => perMs === DAY),
      remaining: 7,
      resetMs: 9,
      ageMs: 5,
    })
  })
})

describe('a rate limit', () => {
  const pause = (failure: object, random = 0, target = targetOf({ rpm: 100, tpm: 1_000, concurrency: 5 })) =>
    fromRateLimit(target, { class: 'rate-limit', ...failure }, random)
  const all = targetOf({ rpm: 100, rpd: 5_000, tpm: 1_000, tpd: 50_000, concurrency: 5 })
  const met = (failure: object, target = all) =>
    pause(failure, 0, target).buckets.map(({ key }) => key.replace('limit:openai/model:', ''))
  const ALL_SHORT = ['requests:60000', 'tokens:60000', 'slots']

  it('pauses what it names', () => {
    expect(pause({}).type).toBe('pause')
    expect(pause({ exhausted: ['tokens'] }).buckets.map(({ key }) => key)).toEqual([
      'limit:openai/model:tokens:60000',
    ])
    expect(met({ exhausted: ['tokens', 'requests'] })).toEqual(['requests:60000', 'tokens:60000'])
  })

  it('pauses all that are short, where it names none, or none of these', () => {
    expect([met({}), met({ exhausted: [] }), met({ exhausted: ['output'] })]).toEqual([
      ALL_SHORT,
      ALL_SHORT,
      ALL_SHORT,
    ])
  })

  it('pauses the limit of the window that it names', () => {
    const requests = { exhausted: ['requests'] }
    expect([
      met({ ...requests, windowMs: DAY }),
      met({ ...requests, windowMs: MINUTE }),
      met({ ...requests, windowMs: HOUR }),
    ]).toEqual([['requests:86400000'], ['requests:60000'], ['requests:60000']])
  })

  it('of a minute does not slow down a limit of a day', () => {
    const target = targetOf({ rpd: 14_400, tpm: 6_000, concurrency: 5 })
    expect(met({ exhausted: ['requests'], windowMs: MINUTE }, target)).toEqual(['tokens:60000', 'slots'])
  })

  it('of a minute pauses the slice that the minute is enforced in', () => {
    const target = targetOf({ rpm: 600, rpd: 1_000 }, 'xai/model')
    const { buckets } = pause({ exhausted: ['requests'], windowMs: MINUTE }, 0, target)
    expect(buckets.map(({ perMs }) => perMs)).toEqual([SECOND])
  })

  it('of a slice, or of the second that a rate is written for, pauses that limit', () => {
    const azure = targetOf({ rpm: 60, tpm: 1_000 }, 'azure/model')
    const requests = { exhausted: ['requests'] }
    const windowsOf = (failure: object, target: typeof azure) =>
      pause(failure, 0, target).buckets.map(({ perMs }) => perMs)
    expect(windowsOf({ ...requests, windowMs: 10 * SECOND }, azure)).toEqual([10 * SECOND])
    const together = targetOf('learn' as unknown as object, 'togetherai/model')
    expect(windowsOf({ exhausted: ['tokens'], windowMs: SECOND }, together)).toEqual([MINUTE])
    expect(windowsOf({ exhausted: ['tokens'], windowMs: SECOND - 1 }, together)).toEqual([
      SECOND,
      MINUTE,
      Infinity,
    ])
  })

  it('is of the window that one may have to wait so long for', () => {
    expect([
      met({ retryAfterMs: MINUTE }),
      met({ retryAfterMs: MINUTE + 1 }),
      met({ retryAfterMs: HOUR, exhausted: ['tokens'] }),
      met({ retryAfterMs: DAY + 1 }),
      met({ retryAfterMs: DAY + 1, exhausted: ['requests'] }),
    ]).toEqual([
      ALL_SHORT,
      ['requests:86400000', 'tokens:86400000', 'slots'],
      ['tokens:86400000'],
      ['requests:86400000', 'tokens:86400000', 'slots'],
      ['requests:86400000'],
    ])
  })

  it('is of the shortest where all are longer than a minute', () => {
    const hours = (count: number) => ({ unit: 'tokens', amount: 9, perMs: count * HOUR })
    const target = targetOf([hours(1), hours(2), hours(24)])
    expect([met({}, target), met({ retryAfterMs: HOUR + 1 }, target)]).toEqual([
      [`tokens:${HOUR}`],
      [`tokens:${2 * HOUR}`],
    ])
  })

  it('is of all that are shorter than a minute as well', () => {
    const target = targetOf([
      { unit: 'tokens', amount: 9, perMs: SECOND },
      { unit: 'requests', amount: 9, perMs: MINUTE },
      { unit: 'requests', amount: 9, perMs: MINUTE + 1 },
    ])
    expect([met({}, target), met({ retryAfterMs: 2 * SECOND }, target)]).toEqual([
      ['tokens:1000', 'requests:60000'],
      ['requests:60000'],
    ])
  })

  it('pauses slots where there is nothing else', () => {
    expect(met({ exhausted: ['requests'], windowMs: MINUTE }, targetOf({ concurrency: 5 }))).toEqual([
      'slots',
    ])
  })

  it('pauses as long as it is told, and up to a twentieth more', () => {
    expect([pause({ retryAfterMs: 1_000 }).forMs, pause({ retryAfterMs: 1_000 }, 1).forMs]).toEqual([
      1_000, 1_050,
    ])
  })

  it.each([undefined, 0, -1, Number.NaN])(
    'that says %s pauses longer each time in a row, up to half a minute',
    (retryAfterMs) => {
      const target = targetOf({ rpm: 100, rpd: 9 })
      const hint = retryAfterMs !== undefined && { retryAfterMs }
      const pauses = Array.from({ length: 8 }, () => {
        const { forMs, buckets } = pause({ ...hint }, 0.999_999, target)
        expect(buckets.map(({ perMs }) => perMs)).toEqual([MINUTE])
        target.turnedBack++
        return Math.round(forMs)
      })
      expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
      expect(pause({ ...hint }).forMs).toBe(250)
    },
  )

  it('tells of the largest call there was of each, which pacing must let through', () => {
    const target = targetOf({ rpm: 9, tpm: 1_000 })
    target.took([1, 300])
    target.took([1, 200])
    expect(pause({}, 0, target).largest).toEqual([1, 300])
    expect(pause({ exhausted: ['tokens'] }, 0, target).largest).toEqual([300])
  })
})

it('what was learnt of a limit is set, in its store too; what it is beside that stays', () => {
  const limit = line('limit')
  const { bucket } = limit
  expect(resize({ line: limit, capacity: 7, perMs: 9 })).toEqual({
    type: 'resize',
    bucket: { ...bucket, capacity: 7, perMs: 9 },
  })
  expect(limit.bucket).toEqual({ ...bucket, capacity: 7, perMs: 9 })
})
