import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { disagreement, storeProgram } from '../testing/store-program.ts'
import { MemoryStore } from './memory-store.ts'
import type { Bucket, Level, Op, ReserveOp } from './port.ts'
import { Kept } from './kept.fixture.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOON = Date.UTC(2026, 2, 10, 12)

const TOKENS: Bucket = { key: 'tokens', algorithm: 'sliding-window', capacity: 1_000, perMs: MINUTE }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 2, perMs: Infinity }
const DAILY: Bucket = {
  key: 'budget:tenant=acme:tokens:day',
  algorithm: 'quota',
  capacity: 1_000,
  perMs: DAY,
  calendar: { every: 'day', timeZone: 'UTC' },
  forgettable: true,
}

function reserve(id: number, buckets: readonly Bucket[], amount: number, rest: Partial<ReserveOp> = {}): Op {
  const none = buckets.map(() => 0)
  const amounts = buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : amount))
  const terms = { holder: id, rank: 1, claimable: 0, leaseMs: MINUTE }
  return { type: 'reserve', id, buckets, amounts, leaves: none, ...terms, ...rest }
}

const settle = (id: number, ...amounts: number[]): Op => ({ type: 'settle', id, amounts, refund: true })

/** Processes that follow each other, with what one of them has saved. */
function processes() {
  const kept = new Kept()
  let store: MemoryStore | undefined
  return {
    kept,
    send(op: Op, now: number): string {
      let kind = ''
      store ??= kept.resumed(now)
      store.send(op, now, (answer) => {
        kind = answer.kind
      })
      return kind
    },
    left(bucket: Bucket, now: number): number {
      let levels: readonly Level[] = []
      store ??= kept.resumed(now)
      store.send({ type: 'peek', buckets: [bucket], amounts: [0], leaves: [0] }, now, (answer) => {
        if (answer.kind === 'levels') levels = answer.levels
      })
      return levels[0]!.available
    },
    buckets: () => store!.buckets,
    /** What was not saved is lost. */
    restart(): void {
      if (store !== undefined) kept.keep(store)
      store = undefined
    },
    die(): void {
      store = undefined
    },
  }
}

describe('a store that goes on from what was saved', () => {
  it('answers as one that was never ended, wherever and however often it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 300 }),
        fc.uniqueArray(fc.nat(300), { maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        async (seed, length, ends, every) => {
          const kept = new Kept()
          const steps = storeProgram(seed, length)
          let now = steps[0]!.now
          let store = kept.resumed(now)
          let sent = 0
          const told = {
            send(op: Op, at: number, done: (answer: never) => void) {
              store.send(op, at, done as never)
              now = at
              // Saved every so often: what is saved is only what changed since.
              if (++sent % every === 0) kept.keep(store)
            },
          }
          const reopen = async () => {
            kept.keep(store)
            // It may be long until the next step; then is when it is opened again.
            store = kept.resumed(now)
            return told
          }
          expect(
            await disagreement(told, steps, { before: new Set(ends.map((end) => end % length)), reopen }),
          ).toBeUndefined()
        },
      ),
      { numRuns: 500 },
    )
  })

  it('has saved no more than it holds', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const kept = new Kept()
        const steps = storeProgram(seed, 200)
        const store = kept.resumed(steps[0]!.now)
        for (const [index, { op, now }] of steps.entries()) {
          store.send(op, now, () => {})
          if (index % 5 === 0) kept.keep(store)
        }
        store.send({ type: 'refresh', id: -1 }, steps.at(-1)!.now + DAY, () => {})
        kept.keep(store)
        expect(store.open).toBe(0)
        expect([...kept.reservations.values()]).toEqual([])
        expect(kept.buckets.size).toBeLessThanOrEqual(store.buckets)
      }),
      { numRuns: 50 },
    )
  })

  it('keeps no account where nobody asks for it', () => {
    const store = new MemoryStore()
    store.send(reserve(1, [TOKENS], 10), NOON, () => {})
    expect(store.takeChanges()).toBeUndefined()
  })

  it('tells only what changed, and the definition of a bucket once', () => {
    const { send, kept, restart } = processes()
    send(reserve(1, [TOKENS, DAILY], 10), NOON)
    restart()
    send(reserve(1, [TOKENS], 10), NOON)
    const { buckets } = kept.last(() => restart())
    expect(buckets.map(({ bucket, state }) => [bucket, state.pending])).toEqual([[undefined, 20]])
    const store = new Kept().resumed(NOON)
    const taken = [1, 2].map((id) => {
      store.send(reserve(id, [TOKENS], 10), NOON, () => {})
      return store.takeChanges()!.buckets[0]!.bucket
    })
    expect(taken).toEqual([TOKENS, undefined])
  })

  it('saves nothing of a call that begins and ends in between but what it used', () => {
    const { send, kept, restart } = processes()
    send(reserve(1, [DAILY], 10), NOON)
    send(settle(1, 7), NOON)
    const { reservations, ended } = kept.last(() => restart())
    expect([reservations, ended, kept.buckets.size]).toEqual([[], [], 1])
  })
})

describe('what was held by a process that is gone', () => {
  it('is held until its lease ends, and then used at its estimate', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [DAILY, SLOTS], 100), NOON)
    restart()
    expect([left(DAILY, NOON + 59_999), left(SLOTS, NOON + 59_999)]).toEqual([900, 1])
    expect([left(DAILY, NOON + MINUTE), left(SLOTS, NOON + MINUTE)]).toEqual([900, 2])
    expect(left(DAILY, NOON + DAY)).toBe(1_000)
  })

  it('is settled by no reservation of the same number', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [DAILY], 100), NOON)
    restart()
    send(settle(1, 0), NOON)
    expect(left(DAILY, NOON)).toBe(900)
    send(reserve(1, [DAILY], 50), NOON)
    send(settle(1, 1), NOON)
    expect(left(DAILY, NOON)).toBe(899)
  })

  it('has its own place after several ends, too', () => {
    const { send, left, restart, kept } = processes()
    for (let life = 0; life < 3; life++) {
      send(reserve(1, [DAILY], 100), NOON)
      restart()
    }
    expect([left(DAILY, NOON), kept.reservations.size]).toEqual([700, 3])
    left(DAILY, NOON + MINUTE)
    restart()
    expect([left(DAILY, NOON + MINUTE), kept.reservations.size]).toEqual([700, 0])
  })

  it('is a slot until both who share it have ended', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [SLOTS], 1), NOON)
    send(reserve(2, [SLOTS], 1, { parent: 1, leaseMs: 2 * MINUTE }), NOON)
    expect(left(SLOTS, NOON)).toBe(1)
    send(settle(1, 1), NOON)
    restart()
    expect([left(SLOTS, NOON + MINUTE), left(SLOTS, NOON + 2 * MINUTE)]).toEqual([1, 2])
  })

  it('is no slot that was lent and given back', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [SLOTS], 1), NOON)
    send(reserve(2, [SLOTS], 1, { parent: 1, leaseMs: 2 * MINUTE }), NOON)
    send({ type: 'release-slots', id: 2 }, NOON)
    restart()
    expect([0, MINUTE, 2 * MINUTE].map((ms) => left(SLOTS, NOON + ms))).toEqual([1, 2, 2])
  })

  it('is nothing where it was not saved', () => {
    const { send, left, restart, die } = processes()
    send(reserve(1, [DAILY], 100), NOON)
    restart()
    send(reserve(1, [DAILY], 100), NOON)
    die()
    expect(left(DAILY, NOON)).toBe(900)
  })

  it('takes nothing of a limit that was forgotten and is there again', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [DAILY], 100), NOON)
    restart()
    send({ type: 'forget', keys: [DAILY.key] }, NOON)
    send(reserve(1, [DAILY], 10), NOON)
    restart()
    expect([left(DAILY, NOON), left(DAILY, NOON + 2 * MINUTE)]).toEqual([990, 990])
  })
})

it('nothing is held of a limit that came after one that was forgotten', () => {
  const { send, left, restart } = processes()
  send(reserve(1, [DAILY], 100), NOON)
  restart()
  send({ type: 'forget', keys: [DAILY.key] }, NOON)
  restart()
  send(reserve(1, [TOKENS], 10, { leaseMs: 10 * MINUTE }), NOON)
  restart()
  // When the first lease ends, what it held is counted nowhere.
  expect([left(TOKENS, NOON), left(TOKENS, NOON + MINUTE)]).toEqual([990, 990])
})

describe('what JSON has no word for', () => {
  it('is as it was: who else uses a limit without a window is known for ever', () => {
    const forEver: Bucket = { key: 'budget:run=r', algorithm: 'quota', capacity: 1_000, perMs: Infinity }
    const { send, left, restart } = processes()
    send({ type: 'observe', bucket: forEver, remaining: 900, resetMs: undefined, ageMs: 0 }, NOON)
    restart()
    send(reserve(1, [forEver], 50), NOON)
    send({ type: 'observe', bucket: forEver, remaining: 880, resetMs: undefined, ageMs: 0 }, NOON)
    // Of what it is told is missing, nothing is taken for the call that is under way.
    expect(left(forEver, NOON)).toBe(830)
  })

  it('is as it was: a limit whose size is not known, and a pause without an end', () => {
    const unknown: Bucket = { ...TOKENS, algorithm: 'token-bucket', capacity: Infinity }
    const { send, left, restart } = processes()
    send(reserve(1, [unknown], 50), NOON)
    send({ type: 'pause', buckets: [SLOTS], forMs: Infinity, largest: [1] }, NOON)
    restart()
    expect([left(unknown, NOON), left(SLOTS, NOON + DAY)]).toEqual([Infinity, 0])
  })
})

describe('what cannot be told from how much is left', () => {
  it('is kept: that somebody else uses a limit that is whole again', () => {
    const shared: Bucket = { ...DAILY, perMs: MINUTE, calendar: { every: 'minute', timeZone: 'UTC' } }
    const { send, left, restart } = processes()
    send({ type: 'observe', bucket: shared, remaining: 500, resetMs: undefined, ageMs: 0 }, NOON + 1_000)
    restart()
    const now = NOON + MINUTE + 1_000
    send(reserve(1, [shared], 200), now)
    send({ type: 'observe', bucket: shared, remaining: 900, resetMs: undefined, ageMs: 0 }, now)
    send({ type: 'acknowledge', id: 1 }, now)
    // Else the hundred that are missing would have been taken for those of the call, and have come free with it.
    expect(left(shared, now)).toBe(700)
  })

  it('is kept: sums, to their last digit', () => {
    const { send, left, restart } = processes()
    const small = { ...TOKENS, capacity: 1 }
    const later = NOON + MINUTE / 240
    send(reserve(1, [small], 0.1), NOON)
    send({ type: 'acknowledge', id: 1 }, NOON)
    send(reserve(2, [small], 0.3), later)
    send({ type: 'acknowledge', id: 2 }, later)
    send(settle(1, 0.05), later)
    // As it was added up; by its slots it would be 0.65.
    expect(left(small, later)).toBe(0.6499999999999999)
    restart()
    expect(left(small, later)).toBe(0.6499999999999999)
  })
})

describe('a budget that was saved', () => {
  it('starts anew with its period, although that began while no process was there', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [DAILY], 100), NOON)
    send(settle(1, 100), NOON)
    restart()
    expect([left(DAILY, NOON + 11 * HOUR), left(DAILY, NOON + 12 * HOUR)]).toEqual([900, 1_000])
  })

  it('is let go of when it is whole again: nobody may ever ask for it', () => {
    const { send, left, restart, kept, buckets } = processes()
    send(reserve(1, [DAILY, TOKENS], 100), NOON)
    send(settle(1, 100, 100), NOON)
    restart()
    expect(kept.buckets.size).toBe(2)
    // A limit stays: what was learnt of it does.
    left(SLOTS, NOON + DAY)
    expect(buckets()).toBe(1)
    restart()
    expect([...kept.buckets.values()].map(({ bucket }) => bucket!.key)).toEqual(['tokens'])
  })

  it('is as large as it is configured now, and keeps what was used', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [DAILY], 100), NOON)
    send(settle(1, 100), NOON)
    restart()
    const raised = { ...DAILY, capacity: 5_000 }
    expect([left(raised, NOON), left(raised, NOON)]).toEqual([4_900, 4_900])
    restart()
    expect(left(raised, NOON)).toBe(4_900)
  })

  it('is as large as was learnt where it is to be learnt', () => {
    const { send, left, restart } = processes()
    send({ type: 'resize', bucket: { ...TOKENS, capacity: 700 } }, NOON)
    restart()
    expect(left({ ...TOKENS, capacity: Infinity }, NOON)).toBe(700)
  })

  it('keeps what was used when it is counted in another way', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [TOKENS], 100), NOON)
    send(settle(1, 100), NOON)
    restart()
    const bucket: Bucket = { ...TOKENS, algorithm: 'token-bucket' }
    expect(left(bucket, NOON)).toBe(900)
    restart()
    expect([left(bucket, NOON), left(bucket, NOON + MINUTE)]).toEqual([900, 1_000])
  })
})

describe('when the clock was set back', () => {
  const LATER = NOON + 20 * DAY
  const all: Record<string, Partial<Bucket>> = {
    'a sliding window': { algorithm: 'sliding-window' },
    'a token bucket': { algorithm: 'token-bucket' },
    'a fixed window that was learnt': { algorithm: 'fixed-window' },
    'a fixed window of ours': { algorithm: 'fixed-window', phaseMs: 0 },
  }

  it.each(Object.entries(all))('%s is used as it was, and whole again a window later', (_name, kind) => {
    const { send, left, restart } = processes()
    const bucket = { ...TOKENS, ...kind }
    send(reserve(1, [bucket], 100), LATER)
    send({ type: 'observe', bucket, remaining: 900, resetMs: MINUTE / 2, ageMs: 0 }, LATER)
    send(settle(1, 600), LATER)
    restart()
    expect(left(bucket, NOON)).toBe(400)
    expect(left(bucket, NOON + MINUTE + 2_000)).toBe(1_000)
  })

  it('a fixed window ends a whole window later: when the provider ends its own was learnt by the wrong clock', () => {
    const { send, left, restart } = processes()
    const bucket: Bucket = { ...TOKENS, algorithm: 'fixed-window' }
    send(reserve(1, [bucket], 600), LATER)
    send({ type: 'observe', bucket, remaining: 400, resetMs: MINUTE / 2, ageMs: 0 }, LATER)
    send(settle(1, 600), LATER)
    restart()
    expect([0, 40_000].map((ms) => left(bucket, NOON + ms))).toEqual([400, 400])
  })

  it('a pause is as long as it was', () => {
    const { send, left, restart } = processes()
    send({ type: 'pause', buckets: [TOKENS], forMs: 1_000, largest: [1_000] }, LATER)
    restart()
    const after = [0, 999, 1_000].map((ms) => left(TOKENS, NOON + ms))
    expect(after).toEqual([0, 0, 1_000])
    expect(send(reserve(1, [TOKENS], 1_000), NOON + 1_000)).toBe('granted')
    // And so is the time in which calls are let in little by little.
    expect(send(reserve(2, [TOKENS], 1), NOON + 1_500)).toBe('refused')
  })

  it('a lease is as long as it was', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [SLOTS], 1), LATER)
    restart()
    const after = [0, 59_999, MINUTE].map((ms) => left(SLOTS, NOON + ms))
    expect(after).toEqual([1, 1, 2])
  })

  it('a budget keeps what was used until a period of the right time ends', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [DAILY], 100), LATER)
    send(settle(1, 100), LATER)
    restart()
    expect(left(DAILY, NOON)).toBe(900)
    restart()
    expect([left(DAILY, NOON + 11 * HOUR), left(DAILY, NOON + 12 * HOUR)]).toEqual([900, 1_000])
  })

  it('within its period changes nothing for a budget', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [DAILY], 100), NOON + HOUR)
    send(settle(1, 100), NOON + HOUR)
    restart()
    expect([left(DAILY, NOON), left(DAILY, NOON + 12 * HOUR)]).toEqual([900, 1_000])
  })
})
