import { describe, expect, it } from 'vitest'
import type { ErrorFacts } from '../call/host.ts'
import { errorRules } from './error-rules.ts'
import type { ErrorMatch } from './provider-profile.ts'

const matches = (when: ErrorMatch, facts: ErrorFacts) =>
  errorRules([{ when, class: 'server' }])(facts, facts.message ?? '') !== undefined

describe('a rule for errors', () => {
  it.each<[ErrorMatch, ErrorFacts, boolean]>([
    [{ status: 429 }, { status: 429 }, true],
    [{ status: 429 }, { status: 430 }, false],
    [{ status: 429 }, {}, false],
    [{ status: [429, 503] }, { status: 503 }, true],
    [{ status: [429, 503] }, { status: 500 }, false],
    [{ code: 'Slow_Down' }, { code: 'slow_down' }, true],
    [{ code: 'slow' }, { code: 'slow_down' }, false],
    [{ code: 'slow' }, { type: 'slow' }, false],
    [{ code: 'slow' }, {}, false],
    [{ type: 'slow' }, { type: 'SLOW' }, true],
    [{ type: 'slow' }, { code: 'slow' }, false],
    [{ status: 400, message: 'too (?:big|large)' }, { status: 400, message: 'It is TOO LARGE' }, true],
    [{ status: 400, message: 'too big' }, { status: 400, message: 'too small' }, false],
    [{ status: 400, message: 'too big' }, { status: 400 }, false],
    [{ status: 400, message: 'too big' }, { status: 401, message: 'too big' }, false],
    [{ quota: 'perday' }, { quotaIds: ['PerMinute', 'RequestsPerDay'] }, true],
    [{ quota: 'perday' }, { quotaIds: ['PerMinute'] }, false],
    [{ quota: 'perday' }, { quotaIds: [] }, false],
    [{ quota: 'perday' }, {}, false],
    [{ status: 429, code: 'a', type: 'b' }, { status: 429, code: 'a', type: 'b' }, true],
    [{ status: 429, code: 'a', type: 'b' }, { status: 429, code: 'a', type: 'c' }, false],
    [{ status: 429, code: 'a', type: 'b' }, { status: 429, code: 'c', type: 'b' }, false],
  ])('%j for %j: %j', (when, facts, isMatch) => {
    expect(matches(when, facts)).toBe(isMatch)
  })

  it('is the first that matches', () => {
    const ruleOf = errorRules([
      { when: { status: 400 }, class: 'auth' },
      { when: { status: 429 }, class: 'server' },
      { when: { status: 429 }, class: 'overloaded' },
    ])
    expect([ruleOf({ status: 429 }, '')?.class, ruleOf({ status: 500 }, '')]).toEqual(['server', undefined])
  })
})
