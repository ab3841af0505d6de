import { describe, expect, it } from 'vitest'
import { MINUTE, setUp, START } from './ledger.fixture.ts'

describe('a report', () => {
  it('of nothing has no rows', () => {
    const { report } = setUp()
    expect(report({ by: 'tenant', every: 'hour' })).toEqual({
      from: START,
      to: START,
      rows: [],
      collapsed: 0,
    })
  })

  it('adds up what calls used, cost and met', () => {
    const { at, add, only } = setUp()
    add({
      usage: { inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 400 },
      costUsd: 0.01,
      wastedUsd: 0,
    })
    at(MINUTE)
    add({
      usage: { inputTokens: 3_000, outputTokens: 300 },
      costUsd: 0.03,
      wastedUsd: 0.005,
      attempts: 4,
      retries: 3,
      rateLimited: 1,
      failures: { 'rate-limit': 1, timeout: 2 },
      fallback: true,
      degraded: 'lesser-model',
      target: 'anthropic/model',
    })
    add({ outcome: 'failed', usage: {}, attempts: 1, failures: { server: 1 }, costUsd: 0, wastedUsd: 0 })
    add({ outcome: 'rejected', usage: {}, attempts: 0, costUsd: 0, wastedUsd: 0 })
    at(4 * MINUTE)
    expect(only()).toEqual({
      key: {},
      from: START,
      to: START + 4 * MINUTE,
      requests: 4,
      outcomes: { finished: 2, failed: 1, rejected: 1 },
      failedRequests: 2,
      attempts: 6,
      retries: 3,
      shadows: 0,
      rateLimited: 1,
      timeouts: 2,
      errors: { 'rate-limit': 1, timeout: 2, server: 1 },
      inputTokens: 4_000,
      cachedTokens: 400,
      outputTokens: 400,
      tokensPerMinute: 1_100,
      costUsd: 0.04,
      wastedUsd: 0.005,
      unpriced: 0,
      latencyMs: { total: { p50: 100, p95: 100, p99: 100 }, queue: { p50: 0, p95: 0, p99: 0 } },
      cacheHitRate: 0,
      joinedRate: 0,
      promptCacheRate: 0.1,
      fallbackRate: 0.25,
      degradedRate: 0.25,
      targets: { 'openai/model': 0.75, 'anthropic/model': 0.25 },
    })
  })

  it('has a row for each value of a key, the most requests first, and one for calls that have none', () => {
    const { add, report } = setUp()
    add({ attributes: { tenant: 'globex' } })
    for (let call = 0; call < 3; call++) add({ attributes: { tenant: 'acme', user: `user-${call}` } })
    add()
    add()
    const { rows } = report({ by: 'tenant' })
    expect(rows.map(({ key, requests }) => [key, requests])).toEqual([
      [{ tenant: 'acme' }, 3],
      [{}, 2],
      [{ tenant: 'globex' }, 1],
    ])
  })

  it('has a row for each combination of keys', () => {
    const { add, report } = setUp()
    add({ attributes: { tenant: 'acme', promptVersion: 'v1' }, priority: 'high' })
    add({ attributes: { tenant: 'acme', promptVersion: 'v2' }, priority: 'high' })
    add({ attributes: { tenant: 'acme', promptVersion: 'v2' }, priority: 'low' })
    const { rows } = report({ by: ['promptVersion', 'priority', 'outcome', 'target'] })
    expect(rows.map(({ key }) => key)).toEqual([
      { promptVersion: 'v1', priority: 'high', outcome: 'finished', target: 'openai/model' },
      { promptVersion: 'v2', priority: 'high', outcome: 'finished', target: 'openai/model' },
      { promptVersion: 'v2', priority: 'low', outcome: 'finished', target: 'openai/model' },
    ])
  })

  it('does not mix up tenants whose names are special to objects', () => {
    const { add, report } = setUp()
    for (const tenant of ['__proto__', 'constructor', '(none)'])
      add({ attributes: { tenant }, target: tenant })
    const { rows } = report({ by: 'tenant' })
    expect(rows.map(({ key, targets }) => [Object.entries(key), Object.entries(targets)])).toEqual(
      ['__proto__', 'constructor', '(none)'].map((name) => [[['tenant', name]], [[name, 1]]]),
    )
  })

  it('tells our cache from the providers’, and a twin from both', () => {
    const { add, only } = setUp()
    add({ cache: 'hit', attempts: 0, usage: {} })
    add({ cache: 'stale', attempts: 0, usage: {} })
    add({ cache: 'joined', attempts: 0, usage: {} })
    add({ usage: { inputTokens: 800, cacheReadTokens: 600 } })
    expect(only()).toMatchObject({ cacheHitRate: 0.5, joinedRate: 0.25, promptCacheRate: 0.75 })
  })

  it('of calls without any input reads none of it from a cache', () => {
    const { add, only } = setUp()
    add({ usage: {} })
    expect(only().promptCacheRate).toBe(0)
  })

  it('what was asked besides, for comparison, is paid for and no failure that anyone noticed', () => {
    const { add, only } = setUp()
    add({ outcome: 'failed', costUsd: 1 })
    add({ outcome: 'failed', costUsd: 2, shadowOf: 'a call' })
    add({ outcome: 'rejected', costUsd: 0, shadowOf: 'a call' })
    add({ costUsd: 4, shadowOf: 'a call' })
    expect(only()).toMatchObject({ requests: 4, shadows: 3, failedRequests: 1, costUsd: 7 })
  })
})
