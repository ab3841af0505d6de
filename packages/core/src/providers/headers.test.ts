import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openaiLimitHeaders, parseGoDuration, parseRetryAfter, parseRfc3339, readHeaders } from './headers.ts'

const NOW = Date.parse('2026-11-23T06:05:00Z')

test.each([
  ['88ms', 88],
  ['1s', 1_000],
  ['6m0s', 360_000],
  ['2m59.56s', 179_560],
  ['1h2m', 3_720_000],
  ['0s', 0],
  ['500us', 0.5],
  ['1.5µs', 0.002],
  ['0.1s', 100],
  ['24h0m0s', 86_400_000],
  ['-1s', undefined],
  ['1', undefined],
  ['', undefined],
  ['soon', undefined],
  ['1s2', undefined],
  ['NaNs', undefined],
  ['1 s', undefined],
  ['1s'.repeat(99), undefined],
])('the duration %j is %j ms', (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms)
})

test.each([
  ['2026-11-23T06:05:30Z', 30_000],
  ['2026-11-23T06:05:00.250Z', 250],
  ['2026-11-23T08:05:01+02:00', 1_000],
  ['2026-11-23T06:04:00Z', 0],
  ['2026-13-45T99:99:99Z', undefined],
  ['2026-11-23', undefined],
  ['30', undefined],
])('the instant %j is %j ms away', (text, ms) => {
  expect(parseRfc3339(text, NOW)).toBe(ms)
})

describe('retry-after', () => {
  test.each([
    [{ 'retry-after': '90' }, 90_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '604800' }, 604_800_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 06:05:42 GMT' }, 42_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 06:04:00 GMT' }, undefined],
    [{ 'retry-after-ms': '1250' }, 1_250],
    [{ 'retry-after-ms': '1250', 'retry-after': '2' }, 1_250],
    [{ 'retry-after-ms': '1250', 'retry-after': '1' }, 1_250],
    [{ 'retry-after-ms': '1250', 'retry-after': '30' }, 30_000],
    [{ 'retry-after-ms': '60000', 'retry-after': '1' }, 60_000],
    [{ 'retry-after-ms': 'x', 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': 'NaN' }, undefined],
    [{ 'retry-after': 'Infinity' }, undefined],
    [{ 'retry-after': '1e9' }, undefined],
    [{ 'retry-after': '5 seconds' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{}, undefined],
  ])('%j asks for %j ms', (headers: Record<string, string>, ms) => {
    expect(parseRetryAfter(headers, NOW)).toBe(ms)
  })
})

test('whatever the headers say, what is read is a count or a wait', () => {
  const names = openaiLimitHeaders().flatMap(({ limit, remaining, reset }) => [limit, remaining, reset])
  const value = fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String))
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...names, 'retry-after', 'retry-after-ms'), value),
      (headers) => {
        const facts = readHeaders(headers, NOW, openaiLimitHeaders())
        const numbers = facts.observations.flatMap(({ limit, remaining, resetMs }) => [
          limit,
          remaining,
          resetMs,
        ])
        for (const number of [...numbers, facts.retryAfterMs]) {
          if (number === undefined) continue
          expect(number).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(number)).toBe(true)
        }
      },
    ),
  )
})
