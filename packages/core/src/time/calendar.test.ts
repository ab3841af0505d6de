import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTimeZone, periodAt } from './calendar.ts'
import type { Period } from './calendar.ts'

const at = (text: string) => Date.parse(text)
const PERIODS: readonly Period[] = ['second', 'minute', 'hour', 'day', 'week', 'month']
const HOUR = 3_600_000

function period(now: string, every: Period, timeZone = 'UTC'): readonly string[] {
  const { start, end } = periodAt(at(now), { every, timeZone })
  return [new Date(start).toISOString(), new Date(end).toISOString()]
}

describe('the period that holds a moment', () => {
  it.each([
    ['second', '2026-02-11T10:20:30.000Z', '2026-02-11T10:20:31.000Z'],
    ['minute', '2026-02-11T10:20:00.000Z', '2026-02-11T10:21:00.000Z'],
    ['hour', '2026-02-11T10:00:00.000Z', '2026-02-11T11:00:00.000Z'],
    ['day', '2026-02-11T00:00:00.000Z', '2026-02-12T00:00:00.000Z'],
    ['week', '2026-02-09T00:00:00.000Z', '2026-02-16T00:00:00.000Z'],
    ['month', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
  ] as const)('%s', (every, start, end) => {
    expect(period('2026-02-11T10:20:30.456Z', every)).toEqual([start, end])
  })

  it('begins with its first moment and ends before its last', () => {
    expect(period('2026-02-01T00:00:00.000Z', 'month')[0]).toBe('2026-02-01T00:00:00.000Z')
    expect(period('2026-01-31T23:59:59.999Z', 'month')).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
    ])
  })

  it('is that of its time zone', () => {
    expect(period('2026-01-31T23:30:00Z', 'month', 'Europe/Berlin')[0]).toBe('2026-01-31T23:00:00.000Z')
    expect(period('2026-01-31T23:30:00Z', 'day', 'America/Los_Angeles')[0]).toBe('2026-01-31T08:00:00.000Z')
    expect(period('2026-01-31T23:30:00Z', 'hour', 'Asia/Kolkata')).toEqual([
      '2026-01-31T23:30:00.000Z',
      '2026-02-01T00:30:00.000Z',
    ])
  })

  it('is 23 or 25 hours long where clocks change', () => {
    const hours = (day: string) => {
      const { start, end } = periodAt(at(day), { every: 'day', timeZone: 'Europe/Berlin' })
      return (end - start) / HOUR
    }
    expect(['2026-03-29T12:00Z', '2026-10-25T12:00Z', '2026-06-01T12:00Z'].map(hours)).toEqual([23, 25, 24])
  })

  it('holds the moment, and the next begins where it ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: at('2100-01-01') }),
        fc.constantFrom(...PERIODS),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', '+05:45'),
        (now, every, timeZone) => {
          const { start, end } = periodAt(now, { every, timeZone })
          expect(start <= now && now < end).toBe(true)
          expect(periodAt(end, { every, timeZone }).start).toBe(end)
          expect(periodAt(start - 1, { every, timeZone }).end).toBe(start)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('holds the moment, where clocks are put back by half an hour too', () => {
    const back = at('2026-04-04T15:00Z')
    for (let now = back - 2 * HOUR; now < back + 2 * HOUR; now += HOUR / 4) {
      const { start, end } = periodAt(now, { every: 'hour', timeZone: 'Australia/Lord_Howe' })
      expect(start <= now && now < end).toBe(true)
    }
  })

  it('may be asked for at a fraction of a millisecond', () => {
    expect(periodAt(0.5, { every: 'second', timeZone: 'UTC' })).toEqual({ start: 0, end: 1_000 })
  })
})

it('a time zone is one that is known here', () => {
  expect(['UTC', 'Europe/Berlin', '+02:00', 'Europe/Atlantis', ''].map(isTimeZone)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
})
