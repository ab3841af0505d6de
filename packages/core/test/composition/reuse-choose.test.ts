import { describe, expect, it } from 'vitest'
import type { PlimsollConfig } from '@plimsoll/core'
import { deferQueue } from '@plimsoll/core'
import { HOUR } from '../support/caching.ts'
import { httpError, NO_REPEATS, outcomeOf, setUp } from '../support/set-up.ts'

const [A, B, C] = ['openai/a', 'openai/b', 'openai/c'] as const
const CALL = { task: 'faq', input: 'q', inputTokens: 1, maxOutputTokens: 100, tenant: 'acme' } as const
const cache = { ttlMs: HOUR } as const
const down = () => Promise.reject(httpError(503))

type Answers = Partial<Record<string, () => Promise<string>>>

function asking(task: NonNullable<PlimsollConfig['tasks']>[string], answers: Answers = {}) {
  const host = setUp({ ...NO_REPEATS, tasks: { faq: { cache, ...task } } })
  const asked: string[] = []
  const ask = (own: object = {}) =>
    outcomeOf(
      host.plimsoll.call({ ...CALL, ...own }, async ({ target }) => {
        asked.push(target)
        return answers[target]?.() ?? `by ${target}`
      }),
    )
  return { ...host, ask, asked, answers }
}

describe('reuse and choosing', () => {
  it('an equivalent’s answer is kept, and a hit says whose it is', async () => {
    const { ask, asked, records } = asking({ targets: [A, B] }, { [A]: down })
    expect([await ask(), await ask()]).toEqual([`by ${B}`, `by ${B}`])
    expect(asked).toEqual([A, B])
    expect(records()).toMatchObject([
      { target: B, fallback: true },
      { target: B, cache: 'hit', fallback: false, attempts: 0 },
    ])
  })

  it('an answer that does not pass is not kept; the stronger one’s that does is', async () => {
    const { ask, asked } = asking({
      targets: [A],
      escalate: [B],
      validate: (answer) => answer === `by ${B}`,
    })
    expect([await ask(), await ask()]).toEqual([`by ${B}`, `by ${B}`])
    expect(asked).toEqual([A, B])
  })

  it('none is kept where none passes', async () => {
    const { ask, asked } = asking({ targets: [A], validate: () => false })
    expect([await ask(), await ask()]).toEqual(['invalid-answer', 'invalid-answer'])
    expect(asked).toEqual([A, A])
  })

  it('a call that names its target, or is of another plan, is another question', async () => {
    const { ask, asked } = asking({ targets: [A, B], plans: { premium: { targets: [C] } } })
    for (const own of [{}, { target: B }, { plan: 'premium' }, {}, { target: B }, { plan: 'premium' }]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await ask(own)
    }
    expect(asked).toEqual([A, B, C])
  })

  it('twins walk the list together: each target is asked once', async () => {
    const { ask, asked } = asking({ targets: [A, B] }, { [A]: down })
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([`by ${B}`, `by ${B}`, `by ${B}`])
    expect(asked).toEqual([A, B])
  })
})

describe('reuse and degradation', () => {
  it('a lesser answer is given to all who asked together, and not kept', async () => {
    const { ask, asked, answers } = asking({ targets: [A], degrade: [{ target: B }] }, { [A]: down })
    expect(await Promise.all([ask(), ask()])).toEqual([`by ${B}`, `by ${B}`])
    delete answers[A]
    expect(await ask()).toBe(`by ${A}`)
    expect(asked).toEqual([A, B, A])
  })

  it('a shorter answer, and a message, are not kept', async () => {
    const { ask, answers } = asking({ targets: [A], degrade: [{ message: 'Not now.' }] }, { [A]: down })
    expect(await ask()).toBe('Not now.')
    delete answers[A]
    expect(await ask()).toBe(`by ${A}`)
  })

  it('an old answer is served by the rung alone, to each of those who ask, and renewed by the next answer', async () => {
    const { ask, asked, answers, clock, records } = asking({
      targets: [A],
      cache: { ttlMs: 1_000, staleIfErrorMs: HOUR },
      degrade: ['stale'],
    })
    await ask()
    await clock.advance(2_000)
    answers[A] = down
    expect(await Promise.all([ask(), ask()])).toEqual([`by ${A}`, `by ${A}`])
    answers[A] = async () => 'new'
    expect(await ask()).toBe('new')
    answers[A] = down
    expect(await ask()).toBe('new')
    expect(asked).toEqual([A, A, A])
    expect(records().map(({ cache: how, degraded }) => [how, degraded])).toEqual([
      [undefined, undefined],
      ['stale', 'stale'],
      ['joined', 'stale'],
      [undefined, undefined],
      ['hit', undefined],
    ])
  })

  it('what is put off is kept once for all of a tenant’s who ask together', async () => {
    const later = deferQueue()
    const { ask, asked } = asking({ targets: [A], degrade: [{ defer: later }] }, { [A]: down })
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['deferred', 'deferred', 'deferred'])
    expect([asked, await later.size()]).toEqual([[A], 1])
  })

  it('who puts off for want of its own budget does so for itself', async () => {
    const later = deferQueue()
    const { clock, plimsoll } = setUp({
      ...NO_REPEATS,
      budgets: [{ per: 'user', requests: 1, every: 'day' }],
      queue: { maxWaitMs: 1 },
      tasks: { faq: { cache, targets: [A], degrade: [{ defer: later }] } },
    })
    const ask = (user: string, input: string) =>
      outcomeOf(plimsoll.call({ ...CALL, user, input }, async () => `for ${input}`))
    await ask('spent', 'before')
    const all = [ask('spent', 'q'), ask('ada', 'q')]
    await clock.advance(10)
    expect(await Promise.all(all)).toEqual(['deferred', 'for q'])
    expect(await later.size()).toBe(1)
  })

  it('an answer to a cut input is kept for the question as it was asked', async () => {
    const diet = { name: 'short', maxInputTokens: 10 }
    const { ask, asked } = asking({ targets: [A], diet })
    await ask()
    await ask()
    expect(asked).toEqual([A])
  })
})
