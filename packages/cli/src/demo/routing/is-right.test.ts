import { expect, it } from 'vitest'
import { isRight } from './is-right.ts'

const text = (said: string) => ({
  content: [
    { type: 'reasoning', text: 'WRONG?' },
    { type: 'text', text: said },
  ],
})
const stream = (...deltas: string[]) => [
  { type: 'stream-start' },
  ...deltas.map((delta) => ({ type: 'text-delta', delta })),
  { type: 'finish' },
]

it.each([
  [true, text('the label')],
  [true, text('not WRONG')],
  [false, text('WRONG label')],
  [false, text('')],
  [false, {}],
  [true, stream('the ', 'answer')],
  [false, stream('WR', 'ONG answer')],
  [false, stream()],
])('%s: %o', (right, answer) => {
  expect(isRight(answer)).toBe(right)
})
