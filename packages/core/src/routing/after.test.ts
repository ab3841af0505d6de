import { describe, expect, it } from 'vitest'
import { PlimsollError } from '../call/errors.ts'
import type { ErrorCode } from '../call/errors.ts'
import type { FailureClass, Outcome } from '../call/outcome.ts'
import { following, mendsByLess } from './after.ts'

type Unanswered = Exclude<Outcome<unknown>, { kind: 'ok' }>

const failed = (kind: FailureClass): Unanswered => ({
  kind: 'failed',
  failure: { class: kind },
  error: new Error(kind),
})
const rejected = (side: 'target' | 'caller', code: ErrorCode): Unanswered => ({
  kind: 'rejected',
  side,
  by: 'x',
  error: new PlimsollError({ code, message: code }),
})
const ABORTED: Unanswered = { kind: 'aborted', reason: undefined }

describe('what may be tried next', () => {
  it.each([
    ['rate-limit', 'any'],
    ['overloaded', 'any'],
    ['server', 'any'],
    ['timeout', 'any'],
    ['network', 'any'],
    ['quota-exhausted', 'any'],
    ['auth', 'any'],
    ['not-found', 'any'],
    ['invalid-request', 'nothing'],
    ['aborted', 'nothing'],
    ['content-filter', 'silent'],
    ['context-overflow', 'roomier'],
    ['too-large', 'shorter'],
  ] as const)('after the failure %s: %s', (kind, expected) => {
    expect(following(failed(kind))).toBe(expected)
  })

  it.each([
    ['target', 'wait-too-long', 'any'],
    ['target', 'circuit-open', 'any'],
    ['target', 'too-large', 'any'],
    ['target', 'invalid-answer', 'stronger'],
    ['caller', 'wait-too-long', 'silent'],
    ['caller', 'feature-off', 'silent'],
    ['caller', 'invalid-call', 'nothing'],
    ['target', 'invalid-config', 'nothing'],
  ] as const)('after a refusal for the sake of the %s, %s: %s', (side, code, expected) => {
    expect(following(rejected(side, code))).toBe(expected)
  })

  it('after the caller has left: nothing', () => {
    expect(following(ABORTED)).toBe('nothing')
  })
})

describe('what a shorter request to the same target mends', () => {
  it.each([
    [failed('timeout'), true],
    [failed('rate-limit'), true],
    [failed('too-large'), true],
    [failed('context-overflow'), true],
    [failed('server'), false],
    [failed('auth'), false],
    [rejected('target', 'wait-too-long'), true],
    [rejected('target', 'too-large'), true],
    [rejected('target', 'invalid-answer'), false],
    [rejected('caller', 'wait-too-long'), false],
    [ABORTED, false],
  ])('%j: %s', (outcome, expected) => {
    expect(mendsByLess(outcome)).toBe(expected)
  })
})
