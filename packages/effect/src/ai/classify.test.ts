import { Cause, Duration } from 'effect'
import { AiError } from 'effect/ai'
import { describe, expect, it } from 'vitest'
import { EffectFailure } from '../attempt.ts'
import { thrownFacts } from './classify.ts'

const factsOf = (reason: AiError.AiErrorReason) =>
  thrownFacts(new EffectFailure(Cause.fail(AiError.make({ module: 'M', method: 'm', reason }))))

const http = (status: number, headers: Record<string, string>, body?: string) => ({
  http: { response: { status, headers }, ...(body !== undefined && { body }) },
})

describe('what an AiError says of its exchange', () => {
  it('is its status and its headers, whatever their case', () => {
    expect(factsOf(new AiError.RateLimitError(http(429, { 'Retry-After': '3' })))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '3' },
    })
  })

  it('is the provider’s own word for it, from the body', () => {
    const body = JSON.stringify({ error: { code: 'insufficient_quota', message: 'No credit.' } })
    expect(factsOf(new AiError.RateLimitError(http(429, {}, body)))).toMatchObject({
      code: 'insufficient_quota',
      message: 'No credit.',
    })
  })

  it('is the wait that its toolkit has read, where no header says one', () => {
    const facts = factsOf(new AiError.RateLimitError({ retryAfter: Duration.millis(1_500) }))
    expect(facts).toMatchObject({ status: 429, retryDelay: '1.5s' })
  })

  it.each([
    [new AiError.QuotaExhaustedError({}), { status: 429, code: 'insufficient_quota' }],
    [new AiError.ContentPolicyError({ description: 'no' }), { status: 400, code: 'content_filter' }],
    [new AiError.AuthenticationError({ kind: 'InvalidKey' }), { status: 401 }],
    [new AiError.InternalProviderError({ description: 'down' }), { status: 500 }],
    [new AiError.InvalidResponseError({ description: 'a page' }), { status: 200 }],
    [new AiError.InvalidRequestError({}), { status: 400 }],
  ])('is what its reason stands for, where there is no exchange: %o', (reason, facts) => {
    expect(factsOf(reason)).toMatchObject(facts)
  })

  it('is the system’s code of a connection that failed', () => {
    const at = { method: 'POST', url: '/' }
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const transport = new AiError.NetworkError({ ...at, reason: 'TransportError', cause })
    expect(factsOf(transport)).toMatchObject({ systemCode: 'ECONNREFUSED' })
    const unknown = new AiError.NetworkError({ ...at, reason: 'TransportError' })
    expect(factsOf(unknown)).toMatchObject({ systemCode: 'UNKNOWN' })
    expect(factsOf(new AiError.NetworkError({ ...at, reason: 'EncodeError' }))).toEqual({})
  })

  it('is nothing for an answer that does not fit: trying again would pay again', () => {
    expect(factsOf(new AiError.InvalidOutputError({ description: 'no JSON' }))).toEqual({})
  })

  it('is nothing for what is no AiError: a tool’s, with whatever fields it has', () => {
    expect(thrownFacts(new EffectFailure(Cause.fail({ status: 500 })))).toEqual({})
  })

  it('is an abort for a defect', () => {
    expect(thrownFacts(new EffectFailure(Cause.die(new Error('bug'))))).toEqual({ aborted: true })
  })
})
