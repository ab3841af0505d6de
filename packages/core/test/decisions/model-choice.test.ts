import { describe, expect, it } from 'vitest'
import type { PlimsollConfig } from '@plimsoll/core'
import { httpError, MINUTE, outcomeOf, setUp } from '../support/set-up.ts'

const SMALL = 'openai/small'
const STANDARD = 'openai/standard'
const STRONG = 'openai/strong'
const RELIABLE = 'azure/standard'

const limits = { limits: { rpm: 1_000 } }
const isSound = (answer: unknown) => answer !== 'rubbish'

const config = {
  targets: { [SMALL]: limits, [STANDARD]: limits, [STRONG]: limits, [RELIABLE]: limits },
  classifyTask: ({ segments }) => {
    const text = segments()
      .map((segment) => segment.text)
      .join('\n')
    return text.startsWith('Classify:') || text.startsWith('Format:') || text.startsWith('Extract:')
      ? 'simple'
      : 'answer'
  },
  tasks: {
    simple: { targets: [SMALL], escalate: [STANDARD], validate: isSound },
    answer: {
      targets: [STANDARD],
      escalate: [STRONG],
      validate: isSound,
      degrade: [{ target: SMALL }],
      plans: { premium: { targets: [RELIABLE, STANDARD], degrade: [] } },
    },
    compliance: { escalate: [STRONG], risk: 'high', validate: isSound },
  },
} satisfies PlimsollConfig

function asking() {
  const { clock, plimsoll, records, events } = setUp(config)
  const asked: string[] = []
  /** Time passes: what fails is tried again before another is asked. */
  const ask = async (call: Record<string, unknown>, answers: Record<string, string | Error> = {}) => {
    const outcome = outcomeOf(
      plimsoll.call({ inputTokens: 10, maxOutputTokens: 10, ...call }, async ({ target }) => {
        asked.push(target)
        const answer = answers[target] ?? `by ${target}`
        if (answer instanceof Error) throw answer
        return answer
      }),
    )
    await clock.advance(MINUTE)
    return outcome
  }
  return { clock, plimsoll, records, events, asked, ask }
}

describe('who answers', () => {
  it.each([
    ['a classification', { input: 'Classify: spam or not?' }, [SMALL]],
    ['formatting', { input: 'Format: 1.1.2026' }, [SMALL]],
    ['a simple extraction', { input: 'Extract: the date' }, [SMALL]],
    ['anything else', { input: 'Why is the sky blue?' }, [STANDARD]],
    ['a call of high risk', { input: 'Why?', risk: 'high' }, [STRONG]],
    ['a task of high risk', { task: 'compliance', input: 'May we?' }, [STRONG]],
    ['a premium customer', { input: 'Why?', plan: 'premium' }, [RELIABLE]],
    ['a plan that no task knows', { input: 'Why?', plan: 'made-up' }, [STANDARD]],
    ['a call that names its target', { input: 'Why?', target: SMALL }, [SMALL]],
  ])('%s', async (_what, call, expected) => {
    const { asked, ask } = asking()
    await ask(call)
    expect(asked).toEqual(expected)
  })

  it('an answer that does not pass goes to a stronger one, and what it took is told', async () => {
    const { asked, ask, records, events } = asking()
    expect(await ask({ input: 'Why?' }, { [STANDARD]: 'rubbish' })).toBe(`by ${STRONG}`)
    expect(asked).toEqual([STANDARD, STRONG])
    expect(records()).toMatchObject([{ target: STRONG, fallback: true, attempts: 2, outcome: 'finished' }])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'validation.failed', target: STANDARD, how: 'refused' }),
    )
  })

  it('an answer of high risk is validated too, and nothing lesser is given', async () => {
    const { asked, ask, records } = asking()
    expect(await ask({ input: 'Why?', risk: 'high' }, { [STRONG]: 'rubbish' })).toBe('invalid-answer')
    expect(await ask({ input: 'Why?', risk: 'high' }, { [STRONG]: httpError(503) })).toBe('status 503')
    // Once for the answer that did not pass, three times while it was overloaded.
    expect(asked).toEqual([STRONG, STRONG, STRONG, STRONG])
    expect(records()).toMatchObject([
      { outcome: 'rejected', reason: 'invalid-answer' },
      { outcome: 'failed' },
    ])
  })

  it('a premium customer falls back to an equivalent', async () => {
    const { ask, records } = asking()
    expect(await ask({ input: 'Why?', plan: 'premium' }, { [RELIABLE]: httpError(503) })).toBe(
      `by ${STANDARD}`,
    )
    expect(records()).toMatchObject([{ fallback: true }])
    expect(records()[0]).not.toHaveProperty('degraded')
  })
})

describe('a chain of failures', () => {
  const timeout = Object.assign(new Error('timed out'), { name: 'TimeoutError', code: 'ETIMEDOUT' })

  it('a time-out is tried once more, and then the smaller model answers, marked', async () => {
    const { asked, ask, records, events } = asking()
    expect(await ask({ input: 'Why?' }, { [STANDARD]: timeout })).toBe(`by ${SMALL}`)
    expect(asked).toEqual([STANDARD, STANDARD, SMALL])
    expect(records()).toMatchObject([{ target: SMALL, degraded: 'lesser-model', fallback: true }])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'call.degraded', rung: 'lesser-model', target: SMALL }),
    )
  })

  it('when that fails too there is one clear error, which says what became of each', async () => {
    const { clock, plimsoll, records } = asking()
    const failing = plimsoll.call({ input: 'Why?' }, async ({ target }) => {
      throw target === SMALL ? httpError(503, { 'retry-after': '7' }) : timeout
    })
    const failed = outcomeOf(failing)
    await clock.advance(MINUTE)
    expect(await failed).toBe('no-target')
    await expect(failing).rejects.toMatchObject({
      code: 'no-target',
      attempts: 5,
      retryAfterMs: 7_000,
      message: `No target of task \`answer\` could answer (${STANDARD}: timeout; ${SMALL}: overloaded).`,
    })
    expect(records()).toMatchObject([{ outcome: 'failed', target: SMALL, attempts: 5 }])
  })
})
