import { expect, test } from 'vitest'
import { lru } from './lru.ts'

test('holds so many at most: those used last', () => {
  const map = lru<number>(2)
  map.set('a', 1).set('b', 2)
  map.get('a')
  map.set('c', 3)
  expect([...map.keys()]).toEqual(['c', 'a'])
  expect(map.get('b')).toBeUndefined()
})

test('takes memory for what it holds, not for what it may', () => {
  const before = process.memoryUsage()
  const map = lru<number>(1_000_000)
  const after = process.memoryUsage()
  map.set('a', 1)
  // One that sets everything aside takes some twenty.
  expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(2_000_000)
})
