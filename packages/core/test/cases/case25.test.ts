import { expect, it } from 'vitest'
import { httpError, setUp } from '../support/set-up.ts'

it('case 25: of 6 concurrent calls, A failing and B healthy, none fails', async () => {
  const { clock, plimsoll, records } = setUp({ tasks: { answer: { targets: ['openai/a', 'openai/b'] } } })
  const calls = Array.from({ length: 6 }, (_, index) =>
    plimsoll.call({ task: 'answer', inputTokens: 1, maxOutputTokens: 1 }, async ({ target }) => {
      await new Promise<void>((done) => clock.timer(index * 7, done))
      if (target === 'openai/a') throw httpError(500)
      return index
    }),
  )
  await clock.advance(1_000)
  expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4, 5])
  expect(records().every(({ target, fallback }) => target === 'openai/b' && fallback)).toBe(true)
})
