import { expect, it } from 'vitest'
import { seededRandom } from './random.ts'

it('seeded chance is the same each time, in [0, 1), and even', () => {
  const draw = (seed: number) => Array.from({ length: 10_000 }, seededRandom(seed))
  const drawn = draw(42)
  expect(drawn).toEqual(draw(42))
  expect(drawn).not.toEqual(draw(43))
  expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true)
  for (let tenth = 0; tenth < 10; tenth++) {
    const inside = drawn.filter((number) => Math.floor(number * 10) === tenth).length
    expect(Math.abs(inside - 1_000)).toBeLessThan(150)
  }
})
