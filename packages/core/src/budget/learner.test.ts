import { describe, expect, it } from 'vitest'
import { generic } from '../providers/generic.ts'
import { resize } from './feedback.ts'
import { Learner } from './learner.ts'
import type { Learnt } from './learner.ts'
import { learntLines } from './limit-lines.ts'

const MINUTE = 60_000

function setUp() {
  const lines = learntLines('t', generic)
  const learner = new Learner(lines)
  const capacity = (unit: string) => lines.find((line) => line.unit === unit)!.bucket.capacity
  const apply = (learnt: readonly Learnt[]) => learnt.map((each) => resize(each)).length
  return { lines, learner, capacity, apply }
}

describe('a target without headers', () => {
  it('is let have one more at once for each answer while half of its slots are in use', () => {
    const { learner, capacity, apply } = setUp()
    apply(learner.answered(3))
    expect(capacity('slots')).toBe(8)
    apply(learner.answered(4))
    expect(capacity('slots')).toBe(9)
  })

  it('loses a tenth with a rate limit, and never its last', () => {
    const { learner, capacity, apply } = setUp()
    apply(learner.rateLimited())
    expect(capacity('slots')).toBe(7)
    for (let times = 0; times < 50; times++) apply(learner.rateLimited())
    expect(capacity('slots')).toBe(1)
  })
})

describe('a target that tells its limits', () => {
  it('is as large as it says, smaller or larger later, in the window that it names', () => {
    const { learner, lines, capacity, apply } = setUp()
    apply(learner.told([{ unit: 'tokens', perMs: MINUTE, limit: 1_000 }]))
    expect(capacity('tokens')).toBe(1_000)
    apply(learner.told([{ unit: 'tokens', perMs: 1_000, limit: 500 }]))
    expect(lines.find(({ unit }) => unit === 'tokens')!.bucket).toMatchObject({ capacity: 500, perMs: 1_000 })
  })

  it('is bound by those limits, and no longer by slots', () => {
    const { learner, capacity, apply } = setUp()
    apply(learner.told([{ unit: 'requests', perMs: MINUTE, limit: 10 }]))
    expect(capacity('slots')).toBe(10_000)
    expect([learner.rateLimited(), learner.answered(9_999)]).toEqual([[], []])
  })

  it('tells nothing new by saying the same again', () => {
    const { learner, apply } = setUp()
    const told = [{ unit: 'requests', perMs: MINUTE, limit: 10 }] as const
    expect([apply(learner.told(told)), apply(learner.told(told))]).toEqual([2, 0])
  })

  it.each([0, Number.NaN, undefined])('is not believed to have a limit of %s', (limit) => {
    const { learner } = setUp()
    expect(learner.told([{ unit: 'tokens', perMs: MINUTE, ...(limit !== undefined && { limit }) }])).toEqual(
      [],
    )
  })
})
