import { Temporal } from 'temporal-polyfill'

/** Periods that begin where the calendar says so; a week begins on Monday (ISO 8601). */
export type Period = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month'

export interface Calendar {
  readonly every: Period
  /** An IANA name such as `Europe/Berlin`, or an offset such as `+02:00`. */
  readonly timeZone: string
}

/** A stretch of time, in ms of Unix time: `start` is in it, `end` is not. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Of each calendar, the period that was last asked for: nearly every question is about the present one. */
const latest = new Map<string, Span>()
/** As many calendars as a configuration may have, and more. */
const MOST_CALENDARS = 1_000

/**
 * The period of a calendar that holds `now`. Days and months are as long as their time zone has them: 23 to 25 hours
 * where clocks change.
 */
export function periodAt(now: number, { every, timeZone }: Calendar): Span {
  const key = `${every} ${timeZone}`
  const known = latest.get(key)
  if (known !== undefined && now >= known.start && now < known.end) return known
  const span = spanAt(now, every, timeZone)
  if (latest.size >= MOST_CALENDARS) latest.clear()
  latest.set(key, span)
  return span
}

const FIXED_MS = { second: 1_000, minute: 60_000, hour: 3_600_000 } as const

function spanAt(now: number, every: Period, timeZone: string): Span {
  const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(now)).toZonedDateTimeISO(timeZone)
  switch (every) {
    case 'second':
    case 'minute':
    case 'hour': {
      // By its offset, and not by rounding the clock's face: where clocks are put back by half an hour, 1:45 comes twice.
      const offset = at.offsetNanoseconds / 1e6
      const start = Math.floor((now + offset) / FIXED_MS[every]) * FIXED_MS[every] - offset
      return { start, end: start + FIXED_MS[every] }
    }
    case 'day':
      return spanOf(at.startOfDay(), { days: 1 })
    case 'week':
      return spanOf(at.subtract({ days: at.dayOfWeek - 1 }).startOfDay(), { weeks: 1 })
    case 'month':
      return spanOf(at.with({ day: 1 }).startOfDay(), { months: 1 })
  }
}

function spanOf(start: Temporal.ZonedDateTime, length: Temporal.DurationLike): Span {
  return { start: start.epochMilliseconds, end: start.add(length).startOfDay().epochMilliseconds }
}

/** Whether a time zone of this name is known here. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return true
  } catch {
    return false
  }
}
