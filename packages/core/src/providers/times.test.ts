import { describe, expect, test } from 'vitest'
import type { TimeFormat } from './provider-profile.ts'
import { parseCount, parseGoDuration, parseRfc3339, parseSecondsOrDate, TIMES } from './times.ts'

const NOW = Date.parse('2026-11-23T06:05:00Z')

test.each([
  ['0', 0],
  ['15', 15],
  ['0.5', 0.5],
  ['999999999999999', 999_999_999_999_999],
  ['1000000000000000', undefined],
  ['-1', undefined],
  ['1e9', undefined],
  ['', undefined],
  [' 1', undefined],
  ['1.', undefined],
  [undefined, undefined],
])('the count %j is %j', (text, count) => {
  expect(parseCount(text)).toBe(count)
})

test.each([
  ['88ms', 88],
  ['1s', 1_000],
  ['6m0s', 360_000],
  ['2m59.56s', 179_560],
  ['1h2m', 3_720_000],
  ['0s', 0],
  ['500us', 0.5],
  ['1.5µs', 0.002],
  ['1500μs', 1.5],
  ['2000000ns', 2],
  ['0.1s', 100],
  ['34.074824224s', 34_074.824],
  ['24h0m0s', 86_400_000],
  ['-1s', undefined],
  ['1', undefined],
  ['', undefined],
  ['soon', undefined],
  ['1s2', undefined],
  ['NaNs', undefined],
  ['1 s', undefined],
  ['1s'.repeat(32), 32_000],
  ['1s'.repeat(33), undefined],
  [undefined, undefined],
])('the duration %j is %j ms', (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms)
})

test.each([
  ['2026-11-23T06:05:30Z', 30_000],
  ['2026-11-23T06:05:00.250Z', 250],
  ['2026-11-23T08:05:01+02:00', 1_000],
  ['2026-11-23t06:05:01z', 1_000],
  ['2026-11-23T06:04:00Z', 0],
  ['2026-13-45T99:99:99Z', undefined],
  ['2026-11-23', undefined],
  ['30', undefined],
  [undefined, undefined],
])('the instant %j is %j ms away', (text, ms) => {
  expect(parseRfc3339(text, NOW)).toBe(ms)
})

test.each([
  ['90', 90_000],
  ['0.5', 500],
  ['0', 0],
  ['1.0000004', 1_000],
  ['Mon, 23 Nov 2026 06:05:42 GMT', 42_000],
  ['Monday, 23-Nov-26 06:05:42 GMT', 42_000],
  ['2026-11-23T06:05:42Z', 42_000],
  ['Mon 23 Nov 2026 06:05:42 UTC', 42_000],
  // Of no zone, or with more around it than a date has.
  ['Mon, 23 Nov 2026 06:05:42', undefined],
  ['(x) Mon, 23 Nov 2026 06:05:42 GMT', undefined],
  ['Mon, 23 Nov 2026 06:05:42 GMT (x)', undefined],
  ['(x) 2026-11-23T06:05:42Z', undefined],
  ['2026-11-23T06:05:42Z (x)', undefined],
  ['Nov 24, 2026', undefined],
  ['2026-11-24', undefined],
  ['Mon, 23 Nov 2026 06:05:00 GMT', undefined],
  ['Mon, 23 Nov 2026 06:04:00 GMT', undefined],
  ['5 seconds', undefined],
  [undefined, undefined],
])('what `retry-after` says, %j, is %j ms', (text, ms) => {
  expect(parseSecondsOrDate(text, NOW)).toBe(ms)
})

describe('a time is written', () => {
  const SECONDS = String(NOW / 1_000 + 12)
  test.each<[TimeFormat, string, number | undefined]>([
    ['go-duration', '1m1s', 61_000],
    ['go-duration', '61', undefined],
    ['seconds', '1.5', 1_500],
    ['seconds', '1.0000004', 1_000],
    ['seconds', '1s', undefined],
    ['milliseconds', '1500', 1_500],
    ['milliseconds', 'soon', undefined],
    ['rfc3339', '2026-11-23T06:05:12Z', 12_000],
    ['rfc3339', '12', undefined],
    ['epoch-seconds', SECONDS, 12_000],
    ['epoch-seconds', '1', 0],
    ['epoch-seconds', 'x', undefined],
    ['epoch-milliseconds', `${SECONDS}500`, 12_500],
    ['epoch-milliseconds', '1', 0],
    ['epoch-milliseconds', '', undefined],
  ])('as %s: %j is %j ms from now', (as, text, ms) => {
    expect(TIMES[as](text, NOW)).toBe(ms)
  })

  test.each(Object.keys(TIMES) as TimeFormat[])('as %s, or not at all', (as) => {
    expect(TIMES[as](undefined, NOW)).toBe(undefined)
  })
})
