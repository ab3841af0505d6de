import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headerReader, OPENAI_HEADERS, parseRetryAfter } from './headers.ts'

const NOW = Date.parse('2026-11-23T06:05:00Z')
const MINUTE = 60_000

describe('retry-after', () => {
  test.each([
    [{ 'retry-after': '90' }, 90_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': ' 7 ' }, 7_000],
    [{ 'retry-after': '604800' }, 604_800_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 06:05:42 GMT' }, 42_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 06:04:00 GMT' }, undefined],
    [{ 'retry-after-ms': '1250' }, 1_250],
    [{ 'retry-after-ms': '1250', 'retry-after': '2' }, 1_250],
    [{ 'retry-after-ms': '1250', 'retry-after': '1' }, 1_250],
    [{ 'retry-after-ms': '1000', 'retry-after': '2' }, 1_000],
    [{ 'retry-after-ms': '999', 'retry-after': '2' }, 2_000],
    [{ 'retry-after-ms': '1250', 'retry-after': '30' }, 30_000],
    [{ 'retry-after-ms': '60000', 'retry-after': '1' }, 60_000],
    [{ 'retry-after-ms': 'x', 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': 'NaN' }, undefined],
    [{ 'retry-after': 'Infinity' }, undefined],
    [{ 'retry-after': '1e9' }, undefined],
    [{ 'retry-after': '5 seconds' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': `${' '.repeat(63)}5` }, 5_000],
    [{ 'retry-after': `${' '.repeat(64)}5` }, undefined],
    [{}, undefined],
  ])('%j asks for %j ms', (headers: Record<string, string>, ms) => {
    expect(parseRetryAfter(headers, NOW)).toBe(ms)
  })
})

describe('the headers of a limit', () => {
  const read = headerReader(
    [
      { unit: 'requests', perMs: 5, limit: 'L', remaining: 'Left', reset: 'Again', resetAs: 'seconds' },
      { unit: 'tokens', perMs: 7, remaining: 'tokens-left', assumed: true },
    ],
    [],
  )

  test('are told with its window, by whatever names and in whatever case they are given', () => {
    expect(read({ l: '10', left: '4', again: '1.5', 'tokens-left': '3' }, NOW)).toStrictEqual({
      observations: [
        { unit: 'requests', perMs: 5, limit: 10, remaining: 4, resetMs: 1_500 },
        { unit: 'tokens', perMs: 7, remaining: 3, assumed: true },
      ],
    })
  })

  test.each([
    [{ l: '10' }, [{ unit: 'requests', perMs: 5, limit: 10 }]],
    [{ left: '0' }, [{ unit: 'requests', perMs: 5, remaining: 0 }]],
    [{ left: '1', again: 'soon' }, [{ unit: 'requests', perMs: 5, remaining: 1 }]],
    [{ again: '1' }, []],
    [{ l: '0', left: '0' }, []],
    [{ l: 'unlimited' }, []],
    [{ L: '10' }, []],
    [{}, []],
  ])('of %j tell %j', (headers: Record<string, string>, observations) => {
    expect(read(headers, NOW)).toStrictEqual({ observations })
  })

  test('are not inherited', () => {
    expect(read(Object.create({ l: '10' }) as Record<string, string>, NOW)).toStrictEqual({
      observations: [],
    })
    const named = headerReader([{ unit: 'requests', perMs: 5, limit: 'constructor' }], [])
    expect(named({}, NOW)).toStrictEqual({ observations: [] })
  })

  test('that only repeat others are left out where those are there, in whatever order they stand', () => {
    const repeating = headerReader(
      [
        { unit: 'tokens', perMs: 1, limit: 'all', unless: ['input', 'output'] },
        { unit: 'input', perMs: 1, limit: 'in' },
        { unit: 'output', perMs: 1, limit: 'out' },
      ],
      [],
    )
    const units = (headers: Record<string, string>) =>
      repeating(headers, NOW).observations.map(({ unit }) => unit)
    expect([
      units({ all: '1', in: '1', out: '1' }),
      units({ all: '1', out: '1' }),
      units({ all: '1' }),
      units({ all: '1', in: '0' }),
    ]).toStrictEqual([['input', 'output'], ['output'], ['tokens'], ['tokens']])
  })
})

describe('headers that ask to wait', () => {
  const read = headerReader(
    [],
    [
      { header: 'X-Wait', as: 'epoch-seconds' },
      { header: 'x-else', as: 'milliseconds' },
    ],
  )
  const at = (ms: number) => String((NOW + ms) / 1_000)

  test.each([
    [{ 'x-wait': at(4_000) }, 4_000],
    [{ 'x-wait': at(4_000), 'x-else': '9' }, 4_000],
    [{ 'x-else': '9' }, 9],
    [{ 'x-wait': 'soon', 'x-else': '9' }, 9],
    // One that has passed, and one of no time, ask for nothing.
    [{ 'x-wait': at(-4_000), 'x-else': '9' }, 9],
    [{ 'x-wait': at(0), 'x-else': '0' }, undefined],
    [{ 'x-wait': at(4_000), 'retry-after': '1' }, 1_000],
    [{ 'x-wait': at(4_000), 'retry-after': '0' }, 0],
    [{}, undefined],
  ])('%j ask for %j ms', (headers: Record<string, string>, ms) => {
    expect(read(headers, NOW)).toStrictEqual({
      observations: [],
      ...(ms !== undefined && { retryAfterMs: ms }),
    })
  })
})

test('whatever the headers say, what is read is a count or a wait', () => {
  const read = headerReader(OPENAI_HEADERS, [{ header: 'x-wait', as: 'epoch-milliseconds' }])
  const names = OPENAI_HEADERS.flatMap(({ limit, remaining, reset }) => [limit!, remaining!, reset!])
  const value = fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String))
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...names, 'retry-after', 'retry-after-ms', 'x-wait'), value),
      (headers) => {
        const facts = read(headers, NOW)
        const numbers = facts.observations.flatMap(({ limit, remaining, resetMs, perMs }) => {
          expect(perMs).toBe(MINUTE)
          return [limit, remaining, resetMs]
        })
        for (const number of [...numbers, facts.retryAfterMs]) {
          if (number === undefined) continue
          expect(number).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(number)).toBe(true)
        }
      },
    ),
  )
})
