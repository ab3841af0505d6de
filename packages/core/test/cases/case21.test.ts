import { describe, expect, it } from 'vitest'
import { httpError, MINUTE, NO_REPEATS, outcomeOf, setUp, wholeHost } from '../support/set-up.ts'

const [A, B, C] = ['openai/a', 'openai/b', 'openai/c'] as const

describe('case 21: a chain of fallbacks', () => {
  it('asks each target once, however many tasks name one another', async () => {
    const { plimsoll, records } = setUp({
      ...NO_REPEATS,
      tasks: {
        one: { targets: [A, B], degrade: [{ target: C }] },
        two: { targets: [B, C], degrade: [{ target: A }] },
        three: { targets: [C, A], degrade: [{ target: B }, { maxOutputTokens: 5 }] },
      },
    })
    for (const task of ['one', 'two', 'three']) {
      const asked: string[] = []
      const call = plimsoll.call({ task, inputTokens: 1, maxOutputTokens: 10 }, async ({ target }) => {
        asked.push(target)
        throw httpError(500)
      })
      expect(await outcomeOf(call)).toBe('no-target')
      expect(asked.toSorted()).toEqual([A, B, C])
    }
    expect(records().map(({ attempts }) => attempts)).toEqual([3, 3, 3])
  })

  it('asks each once although who looks on is first looked around for', async () => {
    const { plimsoll } = setUp({
      ...NO_REPEATS,
      tasks: { one: { targets: [A, B, C], strategy: 'headroom' } },
    })
    const asked: string[] = []
    const call = { task: 'one', inputTokens: 1, maxOutputTokens: 1, mode: 'interactive' } as const
    const failing = plimsoll.call(call, async ({ target }) => {
      asked.push(target)
      throw httpError(500)
    })
    expect([await outcomeOf(failing), asked]).toEqual(['no-target', [A, B, C]])
  })

  it.each([
    [1, [A]],
    [2, [A, A]],
    [4, [A, A, A, B]],
    [undefined, [A, A, A, B, B, B, C, C, C]],
  ])(
    'has one bound for the whole call, repeats and fallbacks together: %s',
    async (maxAttempts, expected) => {
      const retry = maxAttempts === undefined ? {} : { maxAttempts }
      const { clock, plimsoll, records } = setUp({
        retry: { budget: 1 },
        tasks: { one: { targets: [A, B, C], retry, degrade: [{ message: 'Not now.' }] } },
      })
      const asked: string[] = []
      const call = plimsoll.call(
        { task: 'one', inputTokens: 1, maxOutputTokens: 1 },
        async ({ target }): Promise<string> => {
          asked.push(target)
          throw httpError(500)
        },
      )
      await clock.advance(MINUTE)
      expect([await call, asked]).toEqual(['Not now.', expected])
      expect(records()).toMatchObject([{ attempts: expected.length, degraded: 'message' }])
    },
  )

  it('is bound by what is set for all calls too, where the task says nothing, and where there is none', async () => {
    const { clock, plimsoll } = setUp({ retry: { maxAttempts: 2 }, tasks: { one: { targets: [A, B, C] } } })
    const asked: string[] = []
    const failing = plimsoll.call({ task: 'one', inputTokens: 1 }, async ({ target }) => {
      asked.push(target)
      throw httpError(500)
    })
    const host = wholeHost(() => {
      asked.push('offered')
      throw httpError(500)
    })
    const offered = plimsoll.execute({ host, request: {}, targets: [A, B, C] })
    await Promise.all([clock.advance(MINUTE), outcomeOf(failing), offered])
    expect(asked.toSorted()).toEqual(['offered', 'offered', A, A])
  })

  it('cannot be written in a circle', () => {
    expect(() => setUp({ tasks: { one: { targets: [A, B], degrade: [{ target: A }] } } })).toThrow(
      /`tasks.one` names openai\/a twice; among .* each target has one place/,
    )
  })
})
