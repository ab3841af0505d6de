import { describe, expect, it } from 'vitest'
import { DAY, MINUTE, setUp, used } from '../support/set-up.ts'

const A = 'openai/model'
const B = 'anthropic/model'
const CALL = { task: 'answer', inputTokens: 100, maxOutputTokens: 100 } as const
const tokens = (amount: number) => [{ unit: 'tokens', amount, perMs: MINUTE }] as const
const requests = (amount: number) => [{ unit: 'requests', amount, perMs: MINUTE }] as const

type LimitsOf = ReturnType<typeof tokens> | ReturnType<typeof requests> | { rpm: number }

interface Given {
  filled: number
  budget?: number
  /** Tokens a minute. */
  per?: number
}

/** Two equivalents. What `filled` says was used of A before. */
async function two(
  limits: LimitsOf,
  {
    filled = 0,
    other = { rpm: 1_000 } as LimitsOf,
    budget = 1_000,
    degrade = [] as { message: string }[],
  } = {},
) {
  const host = setUp({
    queue: { maxWaitMs: 60 * MINUTE },
    targets: { [A]: { limits }, [B]: { limits: other } },
    budgets: [{ per: 'tenant', limits: [{ unit: 'requests', amount: budget, perMs: DAY }] }],
    tasks: { answer: { targets: [A, B], degrade } },
  })
  for (let call = 0; call < filled; call++)
    await host.plimsoll.call({ ...CALL, target: A, task: 'other' }, async () => used(100, 100))
  return host.plimsoll
}

describe('what is decided of a call, quota first, then limits', () => {
  it.each([
    ['room', { filled: 0 }, 'interactive', { kind: 'process' }],
    ['room', { filled: 0 }, 'background', { kind: 'process' }],
    ['no tokens left', { filled: 2 }, 'interactive', { kind: 'fallback', to: B }],
    ['no tokens left', { filled: 2 }, 'background', { kind: 'queue' }],
    ['fewer tokens left than it takes', { filled: 1, per: 300 }, 'interactive', { kind: 'fallback', to: B }],
    ['fewer tokens left than it takes', { filled: 1, per: 300 }, 'background', { kind: 'queue' }],
    ['just as many tokens left as it takes', { filled: 1 }, 'interactive', { kind: 'process' }],
    ['no quota left, and room', { filled: 1, budget: 1 }, 'interactive', { kind: 'reject' }],
    ['no quota left, and no room', { filled: 2, budget: 2 }, 'interactive', { kind: 'reject' }],
    ['no quota left, and no room', { filled: 2, budget: 2 }, 'background', { kind: 'reject' }],
  ] as const)('by tokens: %s, %j, %s: %j', async (_what, { per = 400, ...given }: Given, mode, expected) => {
    const plimsoll = await two(tokens(per), given)
    expect(await plimsoll.decide({ ...CALL, mode })).toMatchObject(expected)
  })

  it.each([
    ['interactive', { kind: 'fallback', to: B }],
    ['background', { kind: 'queue' }],
  ] as const)('by requests: none left, %s: %j', async (mode, expected) => {
    const plimsoll = await two(requests(2), { filled: 2 })
    expect(await plimsoll.decide({ ...CALL, mode })).toMatchObject(expected)
  })

  it('a refusal for want of quota names the budget', async () => {
    const plimsoll = await two(tokens(400), { filled: 1, budget: 1 })
    expect(await plimsoll.decide(CALL)).toMatchObject({
      kind: 'reject',
      reason: { code: 'wait-too-long', limit: expect.stringContaining('budget:tenant=') },
    })
  })

  it('who looks on gets a rung where nobody has room, and waits where there is none', async () => {
    const full = { filled: 2, other: requests(1) }
    const sorry = [{ message: 'Too busy just now.' }]
    for (const [degrade, expected] of [
      [sorry, { kind: 'degrade', rung: 'message' }],
      [[], { kind: 'queue' }],
    ] as const) {
      const plimsoll = await two(tokens(400), { ...full, degrade: [...degrade] })
      await plimsoll.call({ ...CALL, target: B, task: 'other' }, async () => used(1, 1))
      expect(await plimsoll.decide({ ...CALL, mode: 'interactive' })).toMatchObject(expected)
    }
  })

  it('takes nothing, and comes true', async () => {
    const plimsoll = await two(tokens(400), { filled: 2 })
    const call = { ...CALL, mode: 'interactive' } as const
    for (let again = 0; again < 10; again++)
      expect(await plimsoll.decide(call)).toEqual({ kind: 'fallback', to: B })
    expect(await plimsoll.call(call, async ({ target }) => target)).toBe(B)
  })

  it('a lesser model is a degradation, and says which', async () => {
    const { plimsoll } = setUp({
      targets: { [A]: { limits: tokens(150) }, [B]: { limits: { rpm: 10 } } },
      tasks: { answer: { targets: [A], degrade: [{ target: B }] } },
    })
    expect(await plimsoll.decide(CALL)).toEqual({ kind: 'degrade', rung: 'lesser-model', to: B })
  })

  it('what no target can take is refused with the reasons', async () => {
    const { plimsoll } = setUp({
      targets: { [A]: { contextTokens: 100 } },
      tasks: { answer: { targets: [A] } },
    })
    const message = `No target of task \`answer\` could answer (${A}: context).`
    expect(await plimsoll.decide(CALL)).toMatchObject({
      kind: 'reject',
      reason: { code: 'no-target', message },
    })
  })

  it('a feature that is off is refused, or answered by what calls nothing', async () => {
    const tasks = { answer: { targets: [A], degrade: [{ message: 'Not now.' }] } }
    const { plimsoll } = setUp({ tasks, features: { chat: { enabled: false } } })
    expect(await plimsoll.decide({ ...CALL, feature: 'chat' })).toEqual({ kind: 'degrade', rung: 'message' })
    expect(await plimsoll.decide({ target: A, feature: 'chat' })).toMatchObject({
      kind: 'reject',
      reason: { code: 'feature-off' },
    })
  })
})
