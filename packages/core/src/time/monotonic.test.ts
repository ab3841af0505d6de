import { expect, it } from 'vitest'
import { monotonic } from './monotonic.ts'

it.each([
  ['goes on as the clock does', [5, 6, 9], [5, 6, 9]],
  ['swallows a step back and goes on from there', [100, 40, 45, 200], [100, 100, 105, 260]],
  ['swallows every one of them', [10, 5, 6, 1, 2], [10, 10, 11, 11, 12]],
  ['is never negative', [-50, -40, 3], [0, 10, 53]],
])('time that never goes back %s', (_what, readings, expected) => {
  const left = [...readings]
  const now = monotonic(() => left.shift()!)
  expect(readings.map(() => now())).toEqual(expected)
})
