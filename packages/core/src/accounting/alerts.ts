import { PlimsollError } from '../call/errors.ts'
import { floor, MINUTE } from './cells.ts'
import type { ReportKey } from './names.ts'
import type { ReportQuery } from './report-query.ts'
import type { ReportRow } from './report-row.ts'

/** What a time is compared with: so many times as long, right before it. */
const BEFORE = 4
/** Fewer calls than that say nothing, neither of now nor of before. */
const FEWEST = 20
const WINDOW_MS = 15 * MINUTE
const RISE = 0.3
/** A share of failures below this is no matter, however often it has doubled. */
const LEAST_FAILING = 0.05
/** The cache gives so much fewer answers: that is more than a matter of which questions come. */
const LESS_CACHE = 0.1

export interface AlertQuery {
  /** Whose calls are compared. @defaultValue 'task' */
  readonly by?: ReportKey
  /** What is now: whole minutes, in milliseconds. It is compared with four times as long before. @defaultValue 900_000 */
  readonly windowMs?: number
  /** How much more is worth telling: 0.3 is 30 %. @defaultValue 0.3 */
  readonly rise?: number
}

/** Something that has become worse, and what is responsible for it. */
export interface Alert {
  /** `latency`: p95 of the whole call, in milliseconds. `tokens`: input a request. `failures`: their share. */
  readonly kind: 'latency' | 'tokens' | 'failures'
  readonly key: ReportRow['key']
  readonly before: number
  readonly now: number
  /**
   * Of a latency `queue`, `cache` (fewer answers come from it), `output` (answers are longer) or `provider`; of tokens the
   * new prompt version, where there is one; of failures the class that most of them are of, where there are any.
   */
  readonly cause?: string
  /** The same in words. */
  readonly message: string
}

/** How calls of late compare with those before. Quiet where there are too few of either. */
export function alertsOf(
  rowsOf: (query: ReportQuery) => readonly ReportRow[],
  { by = 'task', windowMs = WINDOW_MS, rise = RISE }: AlertQuery,
  now: number,
): Alert[] {
  if (!(windowMs >= MINUTE && windowMs % MINUTE === 0 && Number.isFinite(windowMs)))
    throw invalid('windowMs', windowMs, 'use whole minutes, in milliseconds')
  if (!(rise > 0)) throw invalid('rise', rise, 'use a number above 0, such as 0.3')
  const since = floor(now, MINUTE) + MINUTE - windowMs
  const earlier = { since: since - BEFORE * windowMs, until: since }
  /** Of calls that somebody waited for. */
  const noticed = ({ by: keys = by, ...query }: ReportQuery): ReportRow[] =>
    rowsOf({ ...query, by: [keys, 'shadow'].flat() as ReportKey[] }).filter(
      ({ key }) => key.shadow === undefined,
    )
  const before = new Map(noticed(earlier).map((row) => [row.key[by], row]))
  return noticed({ since }).flatMap((row) => {
    const was = before.get(row.key[by])
    if (was === undefined || row.requests < FEWEST || was.requests < FEWEST) return []
    const pair: Pair = { name: row.key[by] ?? `calls without a ${by}`, was, row, rise }
    const versions = (query: ReportQuery) =>
      noticed({ ...query, by: [by, 'promptVersion'] }).filter(({ key }) => key[by] === row.key[by])
    const alerts = [
      latency(pair),
      tokens(pair, () => newVersion(versions(earlier), versions({ since }))),
      failures(pair),
    ]
    return alerts.filter((alert) => alert !== undefined)
  })
}

interface Pair {
  readonly name: string
  readonly was: ReportRow
  readonly row: ReportRow
  readonly rise: number
}

function latency({ name, was, row, rise }: Pair): Alert | undefined {
  const before = was.latencyMs.total?.p95 ?? 0
  const now = row.latencyMs.total?.p95 ?? 0
  if (before === 0 || now < before * (1 + rise)) return undefined
  const cause = slowness(was, row, { risen: now - before, rise })
  const message = `p95 of ${name} rose ${percent(now / before - 1)}; ${REASONS[cause]} for most of it.`
  return { kind: 'latency', key: row.key, before, now, cause, message }
}

type Slowness = 'queue' | 'cache' | 'output' | 'provider'

const REASONS: Readonly<Record<Slowness, string>> = {
  queue: 'queue wait is responsible',
  cache: 'fewer answers from the cache are responsible',
  output: 'longer answers are responsible',
  provider: 'the provider is responsible',
}

function slowness(
  was: ReportRow,
  row: ReportRow,
  { risen, rise }: { risen: number; rise: number },
): Slowness {
  const queue = (row.latencyMs.queue?.p95 ?? 0) - (was.latencyMs.queue?.p95 ?? 0)
  if (queue > risen / 2) return 'queue'
  if (fromCache(was) - fromCache(row) >= LESS_CACHE) return 'cache'
  return asked(row, row.outputTokens) >= asked(was, was.outputTokens) * (1 + rise) ? 'output' : 'provider'
}

function tokens({ name, was, row, rise }: Pair, versionOf: () => string | undefined): Alert | undefined {
  const before = asked(was, was.inputTokens)
  const now = asked(row, row.inputTokens)
  if (before === 0 || now < before * (1 + rise)) return undefined
  const cause = versionOf()
  const after = cause === undefined ? '' : ` after prompt version ${cause}`
  const message = `Input tokens per request of ${name} rose ${percent(now / before - 1)}${after}.`
  return { kind: 'tokens', key: row.key, before, now, ...(cause === undefined ? {} : { cause }), message }
}

function failures({ name, was, row, rise }: Pair): Alert | undefined {
  const before = was.failedRequests / was.requests
  const now = row.failedRequests / row.requests
  if (now < LEAST_FAILING || now < before * (1 + rise)) return undefined
  const [cause] = Object.entries(row.errors).reduce<readonly [string | undefined, number]>(
    (most, one) => (one[1] > most[1] ? one : most),
    [undefined, 0],
  )
  const most = cause === undefined ? '' : `; most attempts that failed are of the class ${cause}`
  const message = `Failures of ${name} rose from ${percent(before)} to ${percent(now)}${most}.`
  return { kind: 'failures', key: row.key, before, now, ...(cause === undefined ? {} : { cause }), message }
}

/** The version that most calls are of now, if hardly any was before. */
function newVersion(was: readonly ReportRow[], now: readonly ReportRow[]): string | undefined {
  const most = now.reduce<ReportRow | undefined>(
    (one, other) => (one === undefined || other.requests > one.requests ? other : one),
    undefined,
  )
  const version = most?.key.promptVersion
  const before = was.find(({ key }) => key.promptVersion === version)?.requests ?? 0
  return version !== undefined && before < FEWEST ? version : undefined
}

function fromCache({ cacheHitRate, joinedRate }: ReportRow): number {
  return cacheHitRate + joinedRate
}

/** Of what was used, how much for each request that a provider was asked for. */
function asked(row: ReportRow, used: number): number {
  const requests = row.requests * (1 - fromCache(row))
  return requests < 1 ? 0 : used / requests
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function invalid(field: string, value: unknown, mend: string): PlimsollError {
  return new PlimsollError({ code: 'invalid-call', message: `\`${field}\` is ${String(value)}; ${mend}.` })
}
