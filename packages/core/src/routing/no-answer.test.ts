import { describe, expect, it } from 'vitest'
import { PlimsollError } from '../call/errors.ts'
import { noAnswer, noTarget } from './no-answer.ts'
import type { Unanswered } from './no-answer.ts'

const busy = (retryAfterMs?: number): Unanswered => ({
  kind: 'rejected',
  side: 'target',
  by: 'limit:a',
  error: new PlimsollError({ code: 'wait-too-long', message: 'busy', retryAfterMs }),
})
const down = (retryAfterMs?: number): Unanswered => ({
  kind: 'failed',
  failure: { class: 'server', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  error: new Error('down'),
})

describe('the error of a call that nobody answered', () => {
  it('says what became of each target, in order', () => {
    const tried = [
      { target: 'a', why: busy() },
      { target: 'b', why: down() },
      { target: 'c', why: 'breaker' as const },
    ]
    const cause = new Error('last')
    const error = noTarget('answer', tried, { attempts: 4, cause })
    expect(error).toMatchObject({ code: 'no-target', attempts: 4 })
    expect(error.cause).toBe(cause)
    expect(error.retryAfterMs).toBeUndefined()
    expect(error.message).toBe(
      'No target of task `answer` could answer (a: wait-too-long; b: server; c: breaker).',
    )
  })

  it('says so where no target can be called at all', () => {
    expect(noTarget(undefined, [], { attempts: 0 }).message).toBe(
      'No target of this call is one that can be called from here: the host does not offer any of them.',
    )
  })

  it('says when the first of them is worth another try', () => {
    const tried = [busy(900), down(300), down(), busy(), 'wait' as const].map((why) => ({ target: 'a', why }))
    expect(noTarget('t', tried, { attempts: 1 }).retryAfterMs).toBe(300)
  })
})

describe('the outcome of a call that nobody answered', () => {
  it('is a failure where the last was one, of its class', () => {
    const last = down(5)
    const outcome = noAnswer('t', [{ target: 'a', why: last }], { last, attempts: 2 })
    expect(outcome).toMatchObject({ kind: 'failed', failure: { class: 'server', retryAfterMs: 5 } })
    expect(outcome.error).toMatchObject({ code: 'no-target' })
    expect((outcome.error as Error).cause).toBe(last.error)
  })

  it('is a refusal where the last was one, by the same', () => {
    const outcome = noAnswer('t', [], { last: busy(), attempts: 0 })
    expect(outcome).toMatchObject({ kind: 'rejected', side: 'target', by: 'limit:a' })
  })

  it('is a refusal of routing where none was asked', () => {
    const outcome = noAnswer('t', [], { last: undefined, attempts: 0 })
    expect(outcome).toMatchObject({ kind: 'rejected', side: 'target', by: 'choose' })
    expect((outcome.error as Error).cause).toBeUndefined()
  })
})
