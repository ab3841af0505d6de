import { expect, it } from 'vitest'
import { StoreRest } from './store-rest.ts'

it('rests twice as long after each failure in a row, and from the third on whoever asks is refused', () => {
  const rest = new StoreRest()
  expect(rest.isResting(0)).toBe(false)
  expect([rest.failed(0), rest.isResting(49), rest.isResting(50)]).toEqual([undefined, true, false])
  expect([rest.failed(50), rest.isResting(149), rest.isResting(150)]).toEqual([undefined, true, false])
  expect([rest.failed(150), rest.failed(160), rest.failed(170)]).toEqual([200, 400, 400])
  // Whoever comes next asks it, and is told at once.
  expect(rest.isResting(170)).toBe(false)
  rest.answered()
  expect([rest.failed(200), rest.until]).toEqual([undefined, 250])
})
