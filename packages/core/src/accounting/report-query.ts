import { PlimsollError } from '../call/errors.ts'
import { MINUTE } from './cells.ts'
import { KEYS } from './names.ts'
import type { ReportKey } from './names.ts'

export interface ReportQuery {
  /** A row for each value of the key, or for each combination of several. @defaultValue one row for all */
  readonly by?: ReportKey | readonly ReportKey[]
  /** A row for each so long, in milliseconds or by name; days are those of UTC. @defaultValue the whole time */
  readonly every?: 'minute' | 'hour' | 'day' | number
  /** Milliseconds of the clock (`Date.now()`, with the system's). @defaultValue all that is kept */
  readonly since?: number
  /** @defaultValue now */
  readonly until?: number
}

export interface CheckedQuery {
  readonly by: readonly ReportKey[]
  readonly everyMs: number | undefined
  readonly since: number
  readonly until: number
}

const EVERY = { minute: MINUTE, hour: 60 * MINUTE, day: 1_440 * MINUTE } as const

/** @throws {PlimsollError} `invalid-call`, naming the field and the mend */
export function checkQuery({
  by = [],
  every,
  since = -Infinity,
  until = Infinity,
}: ReportQuery): CheckedQuery {
  const keys = typeof by === 'string' ? [by] : by
  for (const key of keys) {
    if (!KEYS.includes(key)) throw invalid('by', key, `use one of ${KEYS.join(', ')}`)
  }
  if (Number.isNaN(since)) throw invalid('since', since, 'use milliseconds of the clock')
  if (Number.isNaN(until)) throw invalid('until', until, 'use milliseconds of the clock')
  return { by: keys, everyMs: msOf(every), since, until }
}

function msOf(every: ReportQuery['every']): number | undefined {
  if (every === undefined) return undefined
  const ms = typeof every === 'number' ? every : EVERY[every]
  // Of a name that is none there is no number, which is not enough either.
  if (ms >= MINUTE && ms % MINUTE === 0) return ms
  throw invalid('every', every, "use 'minute', 'hour', 'day', or whole minutes in milliseconds")
}

function invalid(field: string, value: unknown, mend: string): PlimsollError {
  const shown = typeof value === 'string' ? `'${value.slice(0, 32)}'` : String(value)
  return new PlimsollError({ code: 'invalid-call', message: `\`${field}\` is ${shown}; ${mend}.` })
}
