import { describe, expect, it } from 'vitest'
import { httpError, outcomeOf, setUp } from '../support/set-up.ts'

const [A, B, C] = ['openai/a', 'openai/b', 'openai/c'] as const

describe('case 21: a chain of fallbacks', () => {
  it('asks each target once, however many tasks name one another', async () => {
    const { plimsoll, records } = setUp({
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
    const { plimsoll } = setUp({ tasks: { one: { targets: [A, B, C], strategy: 'headroom' } } })
    const asked: string[] = []
    const call = { task: 'one', inputTokens: 1, maxOutputTokens: 1, mode: 'interactive' } as const
    const failing = plimsoll.call(call, async ({ target }) => {
      asked.push(target)
      throw httpError(500)
    })
    expect([await outcomeOf(failing), asked]).toEqual(['no-target', [A, B, C]])
  })

  it('has one bound for the whole call', async () => {
    const { plimsoll, records } = setUp({
      tasks: { one: { targets: [A, B, C], retry: { maxAttempts: 2 }, degrade: [{ message: 'Not now.' }] } },
    })
    const call = plimsoll.call(
      { task: 'one', inputTokens: 1, maxOutputTokens: 1 },
      async (): Promise<string> => {
        throw httpError(500)
      },
    )
    expect(await call).toBe('Not now.')
    expect(records()).toMatchObject([
      { attempts: 2, degraded: 'message', usage: { inputTokens: 0 }, fallback: false },
    ])
  })

  it('cannot be written in a circle', () => {
    expect(() => setUp({ tasks: { one: { targets: [A, B], degrade: [{ target: A }] } } })).toThrow(
      /`tasks.one` names openai\/a twice; among .* each target has one place/,
    )
  })
})
