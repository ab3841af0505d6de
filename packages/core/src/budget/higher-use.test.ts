import { describe, expect, it } from 'vitest'
import { HigherUse } from './higher-use.ts'
import { limitLines } from './limit-lines.ts'
import { generic } from '../providers/generic.ts'

const MINUTE = 60_000

function useOf(algorithm: 'token-bucket' | 'fixed-window' | 'sliding-window', amount = 1_000): HigherUse {
  return new HigherUse(limitLines('t', [{ unit: 'tokens', amount, perMs: MINUTE, algorithm }], generic))
}

describe('what must stay behind for higher priorities', () => {
  it.each(['token-bucket', 'fixed-window'] as const)('is a tenth and three tenths of a %s', (algorithm) => {
    const higher = useOf(algorithm)
    const kept = ([0, 1, 2] as const).map((rank) => Math.round(higher.leave(rank, 0, 1, 0)))
    expect(kept).toEqual([0, 100, 300])
  })

  it('lets a call larger than its share run when nothing else does', () => {
    const higher = useOf('token-bucket')
    expect([800, 1_000, 2_000].map((amount) => higher.leave(2, 0, amount, 0))).toEqual([200, 0, 0])
  })

  it('is nothing of a limit that is not known yet', () => {
    expect(useOf('token-bucket', Number.POSITIVE_INFINITY).leave(2, 0, 1, 0)).toBe(0)
  })

  it('is at most a slot for each priority above, and none of a single slot', () => {
    const slots = (amount: number) => new HigherUse(limitLines('t', [{ unit: 'slots', amount }], generic))
    const kept = [1, 4, 11, 100].map((amount) => [
      slots(amount).leave(1, 0, 1, 0),
      slots(amount).leave(2, 0, 1, 0),
    ])
    expect(kept).toEqual([
      [0, 0],
      [0, 1],
      [1, 2],
      [1, 2],
    ])
  })
})

describe('of a sliding window', () => {
  it('no more is kept than a part of what higher priorities have used of late', () => {
    const higher = useOf('sliding-window')
    expect(higher.leave(2, 0, 1, 0)).toBe(0)
    higher.granted(0, [400], 0)
    higher.granted(1, [200], 0)
    expect([higher.leave(1, 0, 1, 0), higher.leave(2, 0, 1, 0)]).toEqual([20, 30])
  })

  it('and it fades with a window', () => {
    const higher = useOf('sliding-window')
    higher.granted(0, [400], 0)
    expect(higher.leave(1, 0, 1, MINUTE)).toBeCloseTo(20 / Math.E, 6)
  })

  it('and it fades from when it was used, for each priority below', () => {
    const higher = useOf('sliding-window')
    higher.granted(0, [400], MINUTE)
    higher.granted(1, [200], MINUTE)
    expect([higher.leave(1, 0, 1, MINUTE), higher.leave(2, 0, 1, MINUTE)]).toEqual([20, 30])
    // A look back fades nothing, nor does it bring back what is gone.
    expect(higher.leave(1, 0, 1, 0)).toBe(20)
    expect(higher.leave(2, 0, 1, 2 * MINUTE)).toBeCloseTo(30 / Math.E, 6)
    expect(higher.leave(1, 0, 1, 2 * MINUTE)).toBeCloseTo(20 / Math.E, 6)
  })

  it('what the lowest use is kept for nobody', () => {
    const higher = useOf('sliding-window')
    higher.granted(2, [1_000], 0)
    expect([higher.leave(1, 0, 1, 0), higher.leave(2, 0, 1, 0), higher.load(2, 0, 0)]).toEqual([0, 0, 0])
  })
})

it('the load of higher priorities is the part of the rate that they take', () => {
  const higher = useOf('token-bucket')
  higher.granted(0, [250], 0)
  expect(([0, 1, 2] as const).map((rank) => higher.load(rank, 0, 0))).toEqual([0, 0.25, 0.25])
})

it('of ten slots one is kept for the highest priority: a tenth of ten is one', () => {
  const higher = new HigherUse(limitLines('t', [{ unit: 'slots', amount: 10 }], generic))
  expect(higher.leave(1, 0, 1, 0)).toBe(1)
})

it('keeps no more of a day than higher priorities have used of late: what is kept to its end is lost', () => {
  const bucket = { key: 'q', algorithm: 'quota', capacity: 1_000, perMs: 86_400_000 } as const
  const higher = new HigherUse([{ unit: 'requests', budget: false, bucket }])
  expect(higher.leave(2, 0, 1, 0)).toBe(0)
  higher.granted(0, [100], 0)
  expect(higher.leave(2, 0, 1, 0)).toBe(5)
})
