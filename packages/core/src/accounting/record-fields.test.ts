import { describe, expect, it } from 'vitest'
import { PlimsollError } from '../call/errors.ts'
import type { Outcome } from '../call/outcome.ts'
import { answered, END, FAILED, told } from './recorded.fixture.ts'

const REFUSED: Outcome<never> = {
  kind: 'rejected',
  side: 'caller',
  by: 'a',
  error: new PlimsollError({ code: 'invalid-call', message: '' }),
}

describe('what is told of a call', () => {
  it('that was answered has just these fields, where nothing was out of the ordinary', async () => {
    expect(await told(answered(), { attempts: 1 })).toStrictEqual({
      at: 1_900,
      callId: 'call-1',
      target: 'a',
      attributes: { tenant: 'acme' },
      priority: 'low',
      outcome: 'finished',
      usage: END.usage,
      estimated: false,
      costUsd: 1,
      wastedUsd: 0,
      attempts: 1,
      retries: 0,
      rateLimited: 0,
      failures: {},
      fallback: false,
      latencyMs: { handling: 900, queue: 0, retryDelay: 0, model: 0, validation: 0, total: 900 },
    })
  })

  it('is of the call as it was prepared, and of whose price it had', async () => {
    const prepared = { attributes: { tenant: 'globex' }, priority: 'high' } as const
    expect(await told(answered(), { prepared, priceId: 'model-1' })).toMatchObject({
      ...prepared,
      priceId: 'model-1',
    })
  })

  it.each([
    [FAILED, { outcome: 'failed', reason: 'server' }],
    [REFUSED, { outcome: 'rejected', reason: 'invalid-call' }],
    [answered({ how: 'abandoned', finish: 'length' }), { outcome: 'abandoned', finish: 'length' }],
    [{ kind: 'aborted', reason: 0 } as const, { outcome: 'aborted' }],
  ])('says how it came out: %#', async (outcome, expected) => {
    const { outcome: how, reason, finish } = await told(outcome)
    expect({ outcome: how, reason, finish }).toEqual(expected)
  })

  it('says that another target answered, or that a lesser answer or one of before was given', async () => {
    expect(await told(answered({}, { target: 'b', marks: { fallback: true } }))).toMatchObject({
      target: 'b',
      fallback: true,
    })
    const marks = { cache: 'stale', degraded: 'lesser-model' } as const
    expect(await told(answered({}, { marks }))).toMatchObject({ ...marks, fallback: false })
    expect(await told(FAILED)).toMatchObject({ target: 'a', fallback: false })
  })

  it('counts each attempt but the first as a repeat', async () => {
    const retries = async (attempts: number) => (await told(FAILED, { attempts })).retries
    expect([await retries(0), await retries(1), await retries(3)]).toEqual([0, 0, 2])
  })

  it('shares the input out by where it came from', async () => {
    const inputLengths = { system: 30, history: 0, documents: 60, tools: 0, user: 10 }
    expect((await told(answered(), { inputLengths })).inputBy).toEqual(inputLengths)
    expect(await told(answered({ usage: {} }), { inputLengths })).not.toHaveProperty('inputBy')
  })

  it('takes for handling what is none of the rest, and for none what ran side by side', async () => {
    const state = { queuedMs: 100, retryDelayMs: 200, modelMs: 300, validationMs: 50, firstContentAt: 1_700 }
    expect((await told(answered(), state)).latencyMs).toEqual({
      handling: 250,
      queue: 100,
      retryDelay: 200,
      firstContent: 700,
      model: 300,
      validation: 50,
      total: 900,
    })
    expect((await told(answered(), { ...state, modelMs: 800 })).latencyMs.handling).toBe(0)
  })
})
