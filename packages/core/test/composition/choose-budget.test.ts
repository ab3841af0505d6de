import { describe, expect, it } from 'vitest'
import { DAY, httpError, NO_REPEATS, outcomeOf, setUp, used } from '../support/set-up.ts'

const [A, B] = ['openai/a', 'openai/b'] as const
const CALL = { task: 'answer', inputTokens: 10, maxOutputTokens: 10 } as const

describe('choosing and budgets', () => {
  it('a budget that is spent is no matter of targets: only what calls nothing is left', async () => {
    const { plimsoll, events } = setUp({
      budgets: [{ per: 'tenant', limits: [{ unit: 'requests', amount: 1, perMs: DAY }] }],
      tasks: {
        answer: { targets: [A, B], degrade: [{ target: 'openai/c' }, { message: 'Come back tomorrow.' }] },
      },
    })
    const asked: string[] = []
    const ask = (mode: 'interactive' | 'background') =>
      plimsoll.call({ ...CALL, mode }, async ({ target }): Promise<string> => {
        asked.push(target)
        return 'an answer'
      })
    expect([await ask('interactive'), await ask('interactive'), await ask('background')]).toEqual([
      'an answer',
      'Come back tomorrow.',
      'Come back tomorrow.',
    ])
    expect(asked).toEqual([A])
    expect(events.filter(({ type }) => type === 'call.degraded')).toHaveLength(2)
  })

  it('who looks on waits for a budget that is soon free again: another target would not have it either', async () => {
    const { clock, plimsoll } = setUp({
      budgets: [{ per: 'tenant', limits: [{ unit: 'requests', amount: 1, perMs: 10_000 }] }],
      tasks: { answer: { targets: [A, B] } },
    })
    const ask = () => plimsoll.call({ ...CALL, mode: 'interactive' }, async ({ target }) => target)
    const calls = [ask(), ask()]
    await clock.advance(15_000)
    expect(await Promise.all(calls)).toEqual([A, A])
  })

  it('one call is one request, however many targets it asks; tokens count for each', async () => {
    const { plimsoll, left } = setUp({
      ...NO_REPEATS,
      targets: { [A]: { limits: { rpm: 10 } }, [B]: { limits: { rpm: 10 } } },
      budgets: [{ per: 'tenant', limits: [{ unit: 'requests', amount: 2, perMs: DAY }] }],
      tasks: { answer: { targets: [A, B] } },
    })
    const ask = () =>
      outcomeOf(
        plimsoll.call(CALL, async ({ target }) => {
          if (target === A) throw httpError(500)
          return used(10, 10)
        }),
      )
    await ask()
    await ask()
    expect(await ask()).toBe('wait-too-long')
    expect([await left(A, 'requests'), await left(B, 'requests')]).toEqual([8, 8])
  })

  it('a message costs nothing, and counts as an answer that is degraded', async () => {
    const { plimsoll, records } = setUp({
      ...NO_REPEATS,
      prices: { [A]: { input: 1, output: 1 } },
      tasks: { answer: { targets: [A], degrade: [{ message: 'Not now.' }] } },
    })
    await plimsoll.call(CALL, async (): Promise<string> => {
      throw httpError(503)
    })
    expect(records()).toMatchObject([
      {
        costUsd: 0,
        usage: { inputTokens: 0, outputTokens: 0 },
        degraded: 'message',
        outcome: 'finished',
        fallback: false,
      },
    ])
    expect(plimsoll.report().rows[0]).toMatchObject({ degradedRate: 1 })
  })

  it('a client may name a task that is configured, and none else', async () => {
    const { plimsoll, records } = setUp({ tasks: { answer: { targets: [A] } } })
    const host = { task: 'answer' }
    await plimsoll.call({ ...CALL, ...host }, async () => 1)
    expect(records()).toMatchObject([{ target: A }])
  })
})
