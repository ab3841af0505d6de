import { describe, expect, it } from 'vitest'
import type { CallRecord, RunRecord } from '../call/record.ts'
import { toMetricEvent } from './metric-event.ts'
import { callRecord } from './record.fixture.ts'

const run: RunRecord = {
  at: 5_000,
  run: 'run-1',
  workflow: 'support',
  attributes: { tenant: 'acme', feature: 'answers', promptVersion: 'v3' },
  outcome: 'finished',
  calls: 2,
  attempts: 3,
  retries: 1,
  rateLimited: 0,
  cacheHits: 1,
  fallbacks: 0,
  degraded: 0,
  usage: { inputTokens: 1_200, outputTokens: 90 },
  estimated: false,
  costUsd: 0.002,
  wastedUsd: 0,
  latencyMs: {
    queue: 10,
    retryDelay: 20,
    model: 800,
    validation: 5,
    steps: { retrieval: 150, rerank: 40 },
    total: 1_050,
  },
}

describe('a metric event', () => {
  it('of a call has just these fields', () => {
    const record: CallRecord = callRecord({
      callId: 'call-1',
      target: 'openai/gpt-5-mini',
      attributes: { tenant: 'acme', user: 'ada', feature: 'answers', promptVersion: 'v3' },
      usage: { inputTokens: 900, outputTokens: 60 },
      costUsd: 0.001,
      retries: 1,
      fallback: true,
      latencyMs: {
        handling: 3,
        queue: 10,
        retryDelay: 20,
        firstContent: 300,
        model: 700,
        validation: 5,
        total: 738,
      },
    })
    expect(toMetricEvent(record)).toEqual({
      request_id: 'call-1',
      feature: 'answers',
      tenant_id: 'acme',
      model: 'openai/gpt-5-mini',
      prompt_version: 'v3',
      input_tokens: 900,
      output_tokens: 60,
      estimated_cost: 0.001,
      latency_ms: {
        retrieval: null,
        handling: 3,
        queue: 10,
        retry_delay: 20,
        first_content: 300,
        model: 700,
        validation: 5,
        total: 738,
      },
      retry_count: 1,
      cache_hit: false,
      fallback_used: true,
    })
  })

  it('of a run has the same ones, and its retrieval', () => {
    expect(toMetricEvent(run)).toEqual({
      request_id: 'run-1',
      feature: 'answers',
      tenant_id: 'acme',
      model: null,
      prompt_version: 'v3',
      input_tokens: 1_200,
      output_tokens: 90,
      estimated_cost: 0.002,
      latency_ms: {
        retrieval: 150,
        handling: null,
        queue: 10,
        retry_delay: 20,
        first_content: null,
        model: 800,
        validation: 5,
        total: 1_050,
      },
      retry_count: 1,
      cache_hit: true,
      fallback_used: false,
    })
  })

  it('has null where nothing is known, never 0 and never a missing field', () => {
    const event = toMetricEvent(callRecord({ attributes: {}, usage: {} }))
    expect(event).toMatchObject({
      feature: null,
      tenant_id: null,
      prompt_version: null,
      input_tokens: null,
      output_tokens: null,
      estimated_cost: null,
      latency_ms: { retrieval: null, first_content: null },
    })
    const { steps: _, ...latencyMs } = run.latencyMs
    const without = toMetricEvent({ ...run, latencyMs: { ...latencyMs, steps: {} } })
    expect(without.latency_ms.retrieval).toBeNull()
    expect(Object.keys(event)).toEqual(Object.keys(without))
    expect(Object.keys(event.latency_ms)).toEqual(Object.keys(without.latency_ms))
  })

  it('of a run says whether any of its calls was a cache hit, or answered by another target', () => {
    const of = (own: Partial<RunRecord>) => toMetricEvent({ ...run, ...own })
    expect([of({ cacheHits: 0 }).cache_hit, of({ cacheHits: 2 }).cache_hit]).toEqual([false, true])
    expect([of({ fallbacks: 0 }).fallback_used, of({ fallbacks: 1 }).fallback_used]).toEqual([false, true])
  })

  it.each(['hit', 'stale', 'joined'] as const)('a call that was %s is a cache hit', (cache) => {
    expect(toMetricEvent(callRecord({ cache })).cache_hit).toBe(true)
  })
})
