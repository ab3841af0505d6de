import type { Bucket } from '@plimsoll/core'
import { expect, it } from 'vitest'
import { withSlices } from './levels.ts'

it('what lies here unused is there too, and who needs no more than that waits for nothing', () => {
  const buckets = ['enough', 'just enough', 'too little', 'none'].map((key): Bucket => ({
    key,
    algorithm: 'token-bucket',
    capacity: 100,
    perMs: 1_000,
  }))
  const free = new Map(buckets.map(({ key }, index) => [key, [30, 20, 19, 0][index]!]))
  const level = { available: 5, capacity: 100, waitMs: 70 }
  const { kind, levels } = withSlices(
    { type: 'peek', buckets, amounts: buckets.map(() => 20), leaves: buckets.map(() => 0) },
    { kind: 'levels', levels: buckets.map(() => level) },
    (key) => free.get(key)!,
  )
  expect(kind).toBe('levels')
  expect(levels).toEqual([
    { available: 35, capacity: 100, waitMs: 0 },
    { available: 25, capacity: 100, waitMs: 0 },
    { available: 24, capacity: 100, waitMs: 70 },
    { available: 5, capacity: 100, waitMs: 70 },
  ])
})
