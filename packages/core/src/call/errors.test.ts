import { describe, expect, it } from 'vitest'
import { PlimsollError } from './errors.ts'

const refusal = new PlimsollError({
  code: 'rate-limited',
  message: 'wait',
  retryAfterMs: 500,
  attempts: 2,
  limit: 'limit:a',
  cause: new Error('the whole request'),
})

describe('a refusal', () => {
  it('says what, how long for, of which limit and after how many attempts', () => {
    expect(refusal).toMatchObject({ code: 'rate-limited', retryAfterMs: 500, attempts: 2, limit: 'limit:a' })
    expect(refusal).toBeInstanceOf(Error)
  })

  it('keeps its cause, and carries it into no log', () => {
    expect((refusal.cause as Error).message).toBe('the whole request')
    expect(JSON.stringify(refusal)).not.toContain('request')
    expect(Object.keys(refusal)).not.toContain('cause')
  })

  it('is known from another copy of the package too', () => {
    const copy = Object.defineProperty(new Error('other copy'), Symbol.for('plimsoll.error'), { value: true })
    expect(
      [refusal, copy, new Error('plain'), undefined, null, 'text'].map(PlimsollError.isInstance),
    ).toEqual([true, true, false, false, false, false])
  })
})

describe('finding a refusal in what a toolkit threw', () => {
  it('sees through causes and last errors', () => {
    const wrapped = new Error('outer', { cause: { lastError: new Error('retry', { cause: refusal }) } })
    expect(PlimsollError.find(wrapped)).toBe(refusal)
    expect(PlimsollError.find(refusal)).toBe(refusal)
  })

  it('ends in a circle, and in what is no error', () => {
    const circle: { cause?: unknown } = {}
    circle.cause = circle
    expect([circle, undefined, 'text', new Error('x')].map((error) => PlimsollError.find(error))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

it('a refusal has no fields that say nothing: they would be printed, and found by `in`', () => {
  const plain = new PlimsollError({ code: 'closed', message: 'closed' })
  expect(Object.keys(plain).filter((name) => plain[name as keyof PlimsollError] === undefined)).toEqual([])
})
