import type { Bucket } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { Demand } from './demand.ts'
import type { SliceNow, SliceTold } from './lease-op.ts'
import { Slice } from './slice.ts'

const BUCKET: Bucket = { key: 'tokens', algorithm: 'token-bucket', capacity: 10_000, perMs: 60_000 }
const PERIOD_MS = 100
const LEASE_MS = 8_000

/** A slice of which three calls of `amount` have been asked for at 0. */
function setUp({ amount = 10, capacity = 10_000, ttlMs = PERIOD_MS, asks = 3 } = {}) {
  const demand = new Demand(PERIOD_MS, 0)
  const slice = new Slice({ ...BUCKET, capacity }, demand, { share: 0.1, ttlMs })
  const ask = (now: number, count: number, each: number): void => {
    for (let times = 0; times < count; times++) {
      demand.ask(now)
      demand.want(each, 1, 0)
    }
  }
  ask(0, asks, amount)
  slice.missed(amount, LEASE_MS)
  const heard = (now: number, gives: number, rest: Partial<SliceNow> = {}): boolean =>
    slice.heard({ held: slice.held + gives, born: '1', wanted: false, kept: true, ...rest }, now, now)
  /** It is given what it wants, or so much. */
  const word = (now: number, gives?: number, rest?: Partial<SliceNow>): SliceTold | undefined => {
    const told = slice.tell(now)
    if (told !== undefined) heard(now, gives ?? told.wanted, rest)
    return told
  }
  return { slice, ask, heard, word }
}

/** One that has 120 at 0. */
function filled(options?: Parameters<typeof setUp>[0]) {
  const all = setUp(options)
  all.word(0)
  return all
}

describe('what a slice asks for', () => {
  it('is four times what was, four calls at least, and nothing where it is asked for too seldom', () => {
    expect(setUp().word(0)).toMatchObject({ wanted: 120, least: 40, rank: 1, leave: 0, leaseMs: LEASE_MS })
    expect(setUp({ asks: 2 }).word(0)).toBeUndefined()
  })

  it('is within its share, in whole amounts, and nothing where that is less than four calls', () => {
    expect(setUp({ amount: 250, capacity: 10_009 }).word(0)!.wanted).toBe(1_000)
    expect(setUp({ amount: 251, capacity: 10_009 }).word(0)).toBeUndefined()
  })

  it('is what less than half of it lacks, and at least no more than that', () => {
    const { slice, word } = filled()
    slice.draw(60, LEASE_MS)
    expect([slice.isLow(1), word(1)]).toEqual([false, undefined])
    slice.draw(30, LEASE_MS)
    expect([slice.isLow(1), word(1)]).toMatchObject([true, { wanted: 90, least: 40 }])
    const one = filled({ amount: 10, asks: 3, capacity: 500 })
    one.slice.draw(31, LEASE_MS)
    expect(one.word(1)).toMatchObject({ wanted: 31, least: 31 })
  })

  it('is nothing for a while where the store had none', () => {
    const { slice, word } = setUp()
    word(0, 0)
    const seen = [99, 100].map((now) => [slice.isResting(now), slice.isLow(now)])
    expect(seen).toEqual([
      [true, false],
      [false, true],
    ])
  })

  it('is worth a trip from the first call that it could not serve', () => {
    const fresh = new Slice(BUCKET, new Demand(PERIOD_MS, 0), { share: 0.1, ttlMs: 100 })
    const before = fresh.isLow(0)
    fresh.missed(10, LEASE_MS)
    expect([before, fresh.isLow(0)]).toEqual([false, true])
    const { slice } = filled()
    slice.draw(61, LEASE_MS)
    slice.missed(100, LEASE_MS)
    expect(slice.isLow(1)).toBe(true)
  })

  it('is another term where it had enough, and the call could not draw on it', () => {
    const needs = [0, 121, 120].map((amount) => {
      const { slice } = filled()
      slice.missed(amount, LEASE_MS)
      return slice.needsRenewal
    })
    expect(needs).toEqual([false, false, true])
    const { slice, word } = filled()
    slice.missed(10, LEASE_MS)
    expect([word(1), slice.needsRenewal]).toMatchObject([{ wanted: 0 }, false])
  })

  it('is for the longest lease of those that draw on it, or were to', () => {
    const { slice } = filled()
    const leaseMs = () => {
      slice.ledger.answered(1)
      const told = slice.tell(1)!
      slice.heard({ held: slice.held, born: '1', wanted: false, kept: true }, 1, 1)
      return told.leaseMs
    }
    const drawn = [400, 16_000, 500].map((ms) => (slice.draw(1, ms), leaseMs()))
    const missed = [400, 20_000, 500].map((ms) => (slice.missed(1, ms), leaseMs()))
    expect([drawn, missed]).toEqual([
      [8_000, 16_000, 16_000],
      [16_000, 20_000, 20_000],
    ])
  })
})

describe('a slice', () => {
  it('is drawn on while it lasts, for as much as it has, by no lower priority', () => {
    const { slice } = filled()
    const offers = [
      slice.offers(120, 1, 99),
      slice.offers(121, 1, 99),
      slice.offers(120, 1, 100),
      slice.offers(1, 2, 99),
      slice.offers(1, 0, 99),
    ]
    expect(offers).toEqual([true, false, false, false, true])
    // A call of which none is taken needs none.
    expect(slice.offers(0, 9, 500)).toBe(true)
  })

  it('has a use for what is given back while it lasts, and returns it later', () => {
    const { slice } = filled()
    slice.draw(20, LEASE_MS)
    slice.giveBack(10, 99)
    expect([slice.free, slice.ledger.isEmpty]).toEqual([110, true])
    slice.giveBack(10, 100)
    expect([slice.free, slice.ledger.take().returned]).toEqual([110, 10])
  })

  it('is to be told of when it has run out, where anything is left of it', () => {
    const { slice } = filled()
    expect(slice.drawnUntil).toBe(100)
    slice.draw(120, LEASE_MS)
    expect(slice.drawnUntil).toBe(Number.POSITIVE_INFINITY)
    expect(slice.tell(500)).toBeUndefined()
  })

  it('goes on where it is asked for still, and goes back where it is not', () => {
    const { slice, ask, word } = filled()
    ask(90, 3, 10)
    expect(word(99)).toBeUndefined()
    expect([word(100), slice.free, slice.drawnUntil]).toMatchObject([{ returned: 0, wanted: 0 }, 120, 200])
    expect([word(300), slice.free, slice.held]).toMatchObject([{ returned: 120 }, 0, 0])
  })

  it('stays for its time where it is not asked for any more', () => {
    const { slice, word } = filled({ ttlMs: 1_000 })
    expect([word(999), slice.free]).toEqual([undefined, 120])
    expect([word(1_000), slice.free]).toMatchObject([{ returned: 120 }, 0])
  })

  it('goes back but for what is wanted where that is less than half', () => {
    const rest = (free: number) => {
      const { slice, ask, word } = setUp({ amount: 100, ttlMs: 1_000 })
      word(0, free)
      ask(250, 3, 10)
      return [word(250)?.returned, slice.free]
    }
    expect([rest(240), rest(241)]).toEqual([
      [undefined, 240],
      [121, 120],
    ])
  })

  it('that is stopped goes back at once, and is not asked for soon', () => {
    const { slice, word } = filled()
    slice.stop(10)
    expect([slice.offers(1, 1, 10), slice.isToReturn(10), slice.isToReturn(110)]).toEqual([
      false,
      true,
      false,
    ])
    expect([word(10), slice.isToReturn(10)]).toMatchObject([{ returned: 120, wanted: 0 }, false])
  })

  it('is to go back once it has run out, while the store has no more of it', () => {
    const { slice } = filled()
    slice.draw(70, LEASE_MS)
    slice.tell(50)
    slice.heard({ held: slice.held, born: '1', wanted: false, kept: true }, 60, 60)
    expect([149, 150, 159, 160].map((now) => slice.isToReturn(now))).toEqual([false, true, true, false])
    expect(filled().slice.isToReturn(100)).toBe(false)
  })

  it('is idle where nothing is held, open, on its way or to be told', () => {
    const after = (change: (all: ReturnType<typeof setUp>) => void) => {
      const all = setUp()
      change(all)
      return all.slice.isIdle
    }
    expect([
      after(() => {}),
      after(({ word }) => word(0)),
      after(({ slice }) => slice.draw(0, LEASE_MS)),
      after(({ slice }) => slice.tell(0)),
      after(({ slice }) => slice.ledger.answered(1)),
    ]).toEqual([true, false, false, false, false])
  })

  it('holds less by what it told of, and nothing of the rests of fractions', () => {
    const { slice, word } = filled()
    slice.draw(60, LEASE_MS)
    slice.ledger.count(10)
    slice.ledger.giveBack(20)
    slice.ledger.part(30)
    word(1, 0)
    expect(slice.held).toBe(60)
    const other = setUp()
    other.word(0, 0.3)
    for (const amount of [0.1, 0.2]) other.slice.ledger.count(amount)
    other.slice.tell(1)
    expect(other.slice.held).toBe(0)
  })

  it('knows what was used that nobody has heard of', () => {
    const { slice, heard } = filled()
    const seen = [slice.untold]
    slice.ledger.count(5)
    seen.push(slice.untold)
    slice.tell(1)
    slice.ledger.count(2)
    seen.push(slice.untold)
    heard(1, 0)
    seen.push(slice.untold)
    expect(seen).toEqual([0, 5, 7, 2])
  })

  it('is gone where the store holds less of it, or has another bucket of that name', () => {
    const { slice, heard } = filled()
    const hears = (rest: Partial<SliceNow>, gives = 0) => {
      slice.ledger.answered(1)
      slice.tell(1)
      return heard(1, gives, rest)
    }
    expect([hears({}), hears({}, -1), hears({ born: '2' })]).toEqual([true, false, false])
  })

  it('gave room where it returned something, or less was used than was held for it', () => {
    const gave = (happen: (slice: Slice) => void) => {
      const { slice } = filled()
      happen(slice)
      slice.tell(1)
      return slice.gaveRoom
    }
    const corrected = (charged: number, actual: number) => (slice: Slice) => {
      const batch = slice.ledger.count(0)
      slice.ledger.take()
      slice.ledger.correct(batch, charged, actual)
    }
    expect(filled().slice.gaveRoom).toBe(false)
    expect([
      gave((slice) => slice.ledger.answered(1)),
      gave((slice) => slice.ledger.giveBack(1)),
      gave((slice) => slice.ledger.replace(5, 5)),
      gave((slice) => slice.ledger.replace(5, 4)),
      gave((slice) => slice.ledger.replace(5, 6)),
      gave(corrected(5, 6)),
      gave(corrected(5, 4)),
    ]).toEqual([false, true, false, true, false, false, true])
  })
})
