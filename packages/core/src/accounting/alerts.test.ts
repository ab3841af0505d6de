import { describe, expect, it } from 'vitest'
import type { CallRecord } from '../call/record.ts'
import { alertsOf } from './alerts.ts'
import type { AlertQuery } from './alerts.ts'
import { Ledger } from './ledger.ts'
import { callRecord } from './record.fixture.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = 1_000 * HOUR + 30_000

/** So few that percentiles are exact. */
const CALLS = 32

type Own = Partial<CallRecord>

/** So many calls of `summary` in each window: in the hour before, and in the quarter that is now. */
function compared(before: Own | Own[], now: Own | Own[], query: AlertQuery = {}) {
  const ledger = new Ledger()
  const add = (given: Own | Own[], at: number) => {
    const list = [given].flat()
    for (let nth = 0; nth < CALLS; nth++) {
      const { attributes, ...own } = list[nth % list.length]!
      ledger.add(callRecord({ attributes: { task: 'summary', ...attributes }, ...own }), at)
    }
  }
  add(before, NOW - 30 * MINUTE)
  add(now, NOW)
  return alertsOf((asked) => ledger.report(asked, NOW).rows, query, NOW)
}

const took = (total: number, queue = 0): Own => ({
  latencyMs: { handling: 0, queue, retryDelay: 0, model: total - queue, validation: 0, total },
})
const used = (inputTokens: number, outputTokens = 10): Own => ({ usage: { inputTokens, outputTokens } })

describe('an alert of latency', () => {
  it('names the queue where the wait is most of the rise', () => {
    expect(compared(took(1_000, 100), took(1_400, 400))).toEqual([
      {
        kind: 'latency',
        key: { task: 'summary' },
        before: 1_000,
        now: 1_400,
        cause: 'queue',
        message: 'p95 of summary rose 40 %; queue wait is responsible for most of it.',
      },
    ])
  })

  it.each<[string, Own | Own[], Own | Own[]]>([
    ['provider', took(1_000), took(1_500)],
    ['provider', took(1_000, 100), took(1_500, 340)],
    ['output', { ...took(1_000), ...used(100, 10) }, { ...took(1_500), ...used(100, 20) }],
    ['cache', [took(1_000), { ...took(1), cache: 'hit' }], took(1_500)],
  ])('names the %s where that is', (cause, before, now) => {
    expect(compared(before, now).filter(({ kind }) => kind === 'latency')).toMatchObject([{ cause }])
  })

  it('is for what has risen enough', () => {
    expect(compared(took(1_000), took(1_200))).toEqual([])
    expect(compared(took(1_000), took(1_200), { rise: 0.1 })).toHaveLength(1)
    expect(compared(took(1_000), took(500))).toEqual([])
  })
})

describe('an alert of tokens', () => {
  it('names the prompt version that is new', () => {
    const v11 = { ...used(1_000), attributes: { promptVersion: 'v11' } }
    const v12 = { ...used(1_620), attributes: { promptVersion: 'v12' } }
    expect(compared(v11, v12)).toEqual([
      {
        kind: 'tokens',
        key: { task: 'summary' },
        before: 1_000,
        now: 1_620,
        cause: 'v12',
        message: 'Input tokens per request of summary rose 62 % after prompt version v12.',
      },
    ])
  })

  it('names none where the version is the one it was, or there is none', () => {
    const v11 = { attributes: { promptVersion: 'v11' } }
    const [alert] = compared({ ...used(1_000), ...v11 }, { ...used(2_000), ...v11 })
    expect(alert).not.toHaveProperty('cause')
    expect(alert!.message).toBe('Input tokens per request of summary rose 100 %.')
    expect(compared(used(1_000), used(2_000))[0]).not.toHaveProperty('cause')
  })

  it('is of what providers were asked: a cache that gives fewer answers makes no prompt longer', () => {
    const hit: Own = { ...used(0, 0), cache: 'hit', attempts: 0 }
    expect(compared([used(1_000), hit], used(1_000)).filter(({ kind }) => kind === 'tokens')).toEqual([])
  })
})

describe('an alert of failures', () => {
  it('names the class that most of them are of', () => {
    const failed: Own = { outcome: 'failed', reason: 'overloaded', failures: { overloaded: 3, timeout: 1 } }
    const alert = compared({}, [failed, {}, {}, {}]).find(({ kind }) => kind === 'failures')
    expect(alert).toMatchObject({ before: 0, now: 0.25, cause: 'overloaded' })
    expect(alert!.message).toBe(
      'Failures of summary rose from 0 % to 25 %; most attempts that failed are of the class overloaded.',
    )
  })

  it('names none where nothing was sent', () => {
    const [alert] = compared({}, [{ outcome: 'rejected', reason: 'queue-full', attempts: 0 }, {}])
    expect(alert).toMatchObject({ kind: 'failures', now: 0.5 })
    expect(alert).not.toHaveProperty('cause')
  })

  it('is for one in twenty, and for more than there were', () => {
    const list = (failing: number) =>
      Array.from({ length: CALLS }, (_, nth): Own => (nth < failing ? { outcome: 'failed' } : {}))
    expect(compared({}, list(1))).toEqual([])
    expect(compared({}, list(2))).toHaveLength(1)
    expect(compared(list(10), list(12))).toEqual([])
    expect(compared(list(10), list(14))).toHaveLength(1)
  })
})

describe('alerts', () => {
  it('are none where too few calls were made, of late or before', () => {
    const ledger = new Ledger()
    const rows = (count: number, at: number, own: Own) => {
      for (let nth = 0; nth < count; nth++) ledger.add(callRecord({ attributes: { task: 't' }, ...own }), at)
    }
    const alerts = () => alertsOf((asked) => ledger.report(asked, NOW).rows, {}, NOW)
    rows(40, NOW - 30 * MINUTE, took(100))
    rows(19, NOW, took(900))
    expect(alerts()).toEqual([])
    rows(1, NOW, took(900))
    expect(alerts()).toHaveLength(1)
  })

  it('compare the window with four of them right before it, and with nothing older', () => {
    const ledger = new Ledger()
    const rows = (at: number, own: Own) => {
      for (let nth = 0; nth < 40; nth++) ledger.add(callRecord({ attributes: { task: 't' }, ...own }), at)
    }
    const alerts = () => alertsOf((asked) => ledger.report(asked, NOW).rows, { windowMs: 5 * MINUTE }, NOW)
    rows(NOW - 26 * MINUTE, took(100))
    rows(NOW - 4 * MINUTE, took(900))
    expect(alerts()).toEqual([])
    rows(NOW - 5 * MINUTE, took(100))
    expect(alerts()).toHaveLength(1)
  })

  it('know nothing of what was asked besides, for comparison', () => {
    const slow: Own = { ...took(9_000), ...used(9_000), outcome: 'failed', shadowOf: 'a call' }
    const most = (own: Own) => [own, own, own, slow]
    expect(compared(took(100), most(took(100)))).toEqual([])
    expect(compared(most(took(100)), most(took(900)))).toMatchObject([{ before: 100, now: 900 }])
  })

  it('are of each value of the key that is asked for, and of calls that have none', () => {
    const alerts = compared(took(100), took(900), { by: 'feature' })
    expect(alerts).toMatchObject([{ key: {}, message: expect.stringContaining('calls without a feature') }])
    expect(compared(took(100), took(900), { by: 'task' })).toMatchObject([{ key: { task: 'summary' } }])
  })

  it.each([
    { windowMs: 0 },
    { windowMs: 90_000 },
    { windowMs: Infinity },
    { windowMs: Number.NaN },
    { rise: 0 },
  ])('of %j there are none: it is refused', (query) => {
    expect(() => compared({}, {}, query)).toThrow(/is .*; use/)
  })
})

describe('what an alert says', () => {
  const of = (version: string, inputTokens: number): Own => ({
    ...used(inputTokens),
    attributes: { promptVersion: version },
  })

  it('says in words which of four it was', () => {
    const messages = [
      compared(took(1_000), took(1_500)),
      compared({ ...took(1_000), ...used(100, 10) }, { ...took(1_500), ...used(100, 13) }),
      compared([took(1_000), { ...took(1), cache: 'joined' }], took(1_500)),
    ].map((alerts) => alerts[0]!.message)
    expect(messages).toEqual([
      'p95 of summary rose 50 %; the provider is responsible for most of it.',
      'p95 of summary rose 50 %; longer answers are responsible for most of it.',
      'p95 of summary rose 50 %; fewer answers from the cache are responsible for most of it.',
    ])
  })

  it('is of the version that most calls are of, and of no other task', () => {
    expect(compared(of('v1', 100), [of('v2', 200), of('v3', 200), of('v3', 200)])[0]!.cause).toBe('v3')
    expect(compared(of('v1', 100), [of('v3', 200), of('v3', 200), of('v2', 200)])[0]!.cause).toBe('v3')
    const busy = { ...of('v9', 100), attributes: { task: 'other', promptVersion: 'v9' } }
    const [alert] = compared([of('v1', 100), of('v1', 100), busy], [busy, of('v2', 900), of('v2', 900)])
    expect(alert).toMatchObject({ key: { task: 'summary' }, cause: 'v2', now: 900 })
  })

  it('is nothing where there was nothing before: neither a time nor tokens', () => {
    const refused: Own = { outcome: 'rejected', usage: {}, attempts: 0, ...took(0) }
    expect(compared(refused, took(500)).map(({ kind }) => kind)).toEqual([])
    const kept: Own = { cache: 'hit', usage: {}, attempts: 0, ...took(1) }
    expect(compared(kept, [kept, { ...took(1), ...used(500) }]).map(({ kind }) => kind)).toEqual([])
  })

  it('is of the class that comes first, where two are as many', () => {
    const failed: Own = { outcome: 'failed', failures: { timeout: 1, server: 1 } }
    expect(compared({}, failed).at(-1)!.cause).toBe('timeout')
    const alert = compared({}, { outcome: 'rejected', attempts: 0 }).find(({ kind }) => kind === 'failures')
    expect(alert!.message).toBe('Failures of summary rose from 0 % to 100 %.')
  })

  it('is of a minute, where that is asked for; and says what a query should be', () => {
    expect(compared(took(100), took(900), { windowMs: MINUTE })).toEqual([])
    expect(() => compared({}, {}, { windowMs: 5 })).toThrow(
      '`windowMs` is 5; use whole minutes, in milliseconds.',
    )
    expect(() => compared({}, {}, { rise: -1 })).toThrow('`rise` is -1; use a number above 0, such as 0.3.')
  })
})
