import { describe, expect, it } from 'vitest'
import { anthropic } from '../providers/anthropic.ts'
import { deepseek } from '../providers/deepseek.ts'
import { defineProvider } from '../providers/define.ts'
import { generic } from '../providers/generic.ts'
import { groq } from '../providers/groq.ts'
import { mistral } from '../providers/mistral.ts'
import type { Profile, Unit } from '../providers/profile.ts'
import { togetherai } from '../providers/togetherai.ts'
import { resize } from './feedback.ts'
import { Learner } from './learner.ts'
import type { Learnt } from './learner.ts'
import { learntLines } from './limit-lines.ts'

const SECOND = 1_000
const MINUTE = 60_000
const DAY = 86_400_000

function setUp(profile: Profile = generic) {
  const lines = learntLines('t', profile)
  const learner = new Learner(lines, profile.charging)
  const apply = (learnt: readonly Learnt[]) => learnt.map((each) => resize(each)).length
  const slots = () => lines.find(({ unit }) => unit === 'slots')!.bucket.capacity
  const told = (unit: Unit, perMs: number, limit?: number) =>
    apply(learner.told([{ unit, perMs, ...(limit !== undefined && { limit }) }]))
  /** What is known: `[unit, capacity, window]`. */
  const known = () =>
    lines.flatMap(({ unit, bucket: { capacity, perMs } }) =>
      unit === 'slots' || capacity === Infinity ? [] : [[unit, capacity, perMs]],
    )
  const times = (count: number, step: () => Learnt[]) => {
    for (let time = 0; time < count; time++) apply(step())
  }
  return { learner, slots, apply, told, known, times }
}

describe('a target without headers', () => {
  it('is let have one more at once for each answer while half of its slots are in use', () => {
    const { learner, slots, apply } = setUp()
    apply(learner.answered(3))
    expect(slots()).toBe(8)
    apply(learner.answered(4))
    expect(slots()).toBe(9)
  })

  it('has ten thousand at the most', () => {
    const { learner, slots, times } = setUp()
    times(10_500, () => learner.answered(10_000))
    expect(slots()).toBe(10_000)
    expect(learner.answered(10_000)).toEqual([])
  })

  it('loses a tenth with a rate limit, and never its last', () => {
    const { learner, slots, apply, times } = setUp()
    apply(learner.rateLimited())
    expect(slots()).toBe(7)
    times(50, () => learner.rateLimited())
    expect(slots()).toBe(1)
  })
})

describe('a target that tells its limits', () => {
  it('is as large as it says, smaller or larger later', () => {
    const { told, known } = setUp()
    told('tokens', MINUTE, 1_000)
    expect(known()).toEqual([['tokens', 1_000, MINUTE]])
    told('tokens', MINUTE, 500)
    expect(known()).toEqual([['tokens', 500, MINUTE]])
    told('tokens', MINUTE, 2_000)
    expect(known()).toEqual([['tokens', 2_000, MINUTE]])
  })

  it('learns each limit in its own window', () => {
    const { told, known } = setUp(groq)
    told('requests', DAY, 14_400)
    told('tokens', MINUTE, 6_000)
    expect(known()).toEqual([
      ['requests', 14_400, DAY],
      ['tokens', 6_000, MINUTE],
    ])
  })

  it('learns nothing of a window that its headers are not of', () => {
    const { told, known, slots } = setUp(groq)
    expect(told('requests', MINUTE, 30)).toBe(0)
    expect(told('output', MINUTE, 30)).toBe(0)
    expect([known(), slots()]).toEqual([[], 8])
  })

  it('learns two windows of one unit', () => {
    const { told, known } = setUp(mistral)
    told('tokens', MINUTE, 500_000)
    told('tokens', 2_678_400_000, 1_000_000_000)
    expect(known()).toEqual([
      ['tokens', 500_000, MINUTE],
      ['tokens', 1_000_000_000, 2_678_400_000],
    ])
  })

  it('learns a limit that is enforced in slices as so much a slice, once', () => {
    const { told, known } = setUp(mistral)
    expect(told('requests', MINUTE, 720)).toBe(2)
    expect(known()).toEqual([['requests', 12, SECOND]])
    expect(told('requests', MINUTE, 720)).toBe(0)
    told('requests', MINUTE, 90)
    expect(known()).toEqual([['requests', 2, (2 * MINUTE) / 90]])
    // As many a slice, in a longer one.
    expect(told('requests', MINUTE, 80)).toBe(1)
    expect(known()).toEqual([['requests', 2, 1_500]])
  })

  it('learns tokens of a second as the same rate over a minute, and requests of one as they are', () => {
    const { told, known, slots } = setUp(togetherai)
    expect([told('tokens', SECOND, 3_000), told('tokens', SECOND, 3_000), told('tokens', MINUTE, 5)]).toEqual(
      [2, 0, 0],
    )
    told('requests', SECOND, 10)
    expect(known()).toEqual([
      ['requests', 10, SECOND],
      ['tokens', 180_000, MINUTE],
    ])
    expect(slots()).toBe(10_000)
    told('tokens', SECOND, 1_500)
    expect(known()[1]).toEqual(['tokens', 90_000, MINUTE])
  })

  it('is bound by those limits, and no longer by slots', () => {
    const { learner, told, slots } = setUp()
    told('requests', MINUTE, 10)
    expect(slots()).toBe(10_000)
    expect([learner.rateLimited(), learner.answered(9_999)]).toEqual([[], []])
  })

  it('is bound by slots still where only a longer window is known', () => {
    const { learner, told, slots, apply } = setUp(groq)
    told('requests', DAY, 14_400)
    expect(slots()).toBe(8)
    expect([apply(learner.answered(8)), apply(learner.rateLimited())]).toEqual([1, 1])
    expect(told('tokens', MINUTE, 6_000)).toBe(2)
    expect(slots()).toBe(10_000)
  })

  it('may have a limit of one', () => {
    const { told, known } = setUp()
    told('requests', MINUTE, 1)
    expect(known()).toEqual([['requests', 1, MINUTE]])
  })

  it('tells nothing new by saying the same again', () => {
    const { told } = setUp()
    expect([told('requests', MINUTE, 10), told('requests', MINUTE, 10)]).toEqual([2, 0])
  })

  it.each([0, 0.5, -1, Number.NaN, undefined])('is not believed to have a limit of %s', (limit) => {
    const { told, slots } = setUp()
    expect(told('tokens', MINUTE, limit)).toBe(0)
    expect(slots()).toBe(8)
  })

  it('goes on to the next limit after one that it cannot use', () => {
    const { learner, apply, known } = setUp(anthropic)
    apply(
      learner.told([
        { unit: 'requests', perMs: MINUTE, remaining: 5 },
        { unit: 'requests', perMs: DAY, limit: 5 },
        { unit: 'input', perMs: MINUTE, limit: 40_000 },
      ]),
    )
    expect(known()).toEqual([['input', 40_000, MINUTE]])
  })
})

describe('a provider that counts calls at once', () => {
  it('is found out by slots alone', () => {
    expect(learntLines('t', deepseek).map(({ unit }) => unit)).toEqual(['slots'])
  })

  it('is bound by slots whatever its headers tell besides', () => {
    const own = defineProvider({ ...generic.data, id: 'own', charging: 'slot' })
    const { learner, slots, told, known, apply } = setUp(own)
    expect(told('requests', MINUTE, 10)).toBe(1)
    expect([known(), slots()]).toEqual([[['requests', 10, MINUTE]], 8])
    apply(learner.answered(4))
    expect(slots()).toBe(9)
    apply(learner.rateLimited())
    expect(slots()).toBe(8)
  })
})

describe('a target that is told to slow down', () => {
  it('is let have half of what was in use, and one more with each round of answers until it is there again', () => {
    const { learner, told, slots, apply, times } = setUp()
    told('tokens', MINUTE, 1_000)
    apply(learner.slowedDown(9))
    expect(slots()).toBe(4)
    times(3, () => learner.answered(4))
    expect(slots()).toBe(4)
    times(1, () => learner.answered(4))
    expect(slots()).toBe(5)
    times(5 + 6, () => learner.answered(7))
    expect(slots()).toBe(7)
    times(6, () => learner.answered(7))
    expect(slots()).toBe(7)
    times(1, () => learner.answered(7))
    expect(slots()).toBe(8)
    // The next is the ninth: it is where it was, and headers bound it again.
    times(8, () => learner.answered(8))
    expect(slots()).toBe(10_000)
    expect(learner.answered(9_999)).toEqual([])
  })

  it('stays held back by headers that say the same as before', () => {
    const { learner, told, slots, apply } = setUp()
    told('tokens', MINUTE, 1_000)
    apply(learner.slowedDown(20))
    expect([told('tokens', MINUTE, 1_000), slots()]).toEqual([0, 10])
  })

  it('grows no further than it is used', () => {
    const { learner, slots, apply, times } = setUp()
    apply(learner.slowedDown(8))
    times(20, () => learner.answered(1))
    expect(slots()).toBe(4)
  })

  it('keeps its last, and does not grow by being told twice', () => {
    const { learner, slots, apply, times } = setUp()
    apply(learner.slowedDown(1))
    expect(slots()).toBe(1)
    apply(learner.slowedDown(500))
    expect(slots()).toBe(1)
    times(1, () => learner.answered(1))
    expect(slots()).toBe(2)
  })

  it('grows back to what was in use when it was first told', () => {
    const { learner, told, slots, apply, times } = setUp()
    told('tokens', MINUTE, 1_000)
    apply(learner.slowedDown(8))
    times(3, () => learner.answered(4))
    apply(learner.slowedDown(4))
    expect(slots()).toBe(2)
    // Begun anew: what was answered before does not count.
    times(1, () => learner.answered(2))
    expect(slots()).toBe(2)
    times(1 + 3 + 4 + 5 + 6, () => learner.answered(7))
    expect(slots()).toBe(7)
    times(7, () => learner.answered(7))
    expect(slots()).toBe(10_000)
  })

  it('without headers goes on as before once it is there', () => {
    const { learner, slots, apply, times } = setUp()
    apply(learner.slowedDown(4))
    times(2, () => learner.answered(4))
    expect(slots()).toBe(3)
    times(3, () => learner.answered(4))
    expect(slots()).toBe(4)
    times(1, () => learner.answered(4))
    expect(slots()).toBe(5)
  })
})
