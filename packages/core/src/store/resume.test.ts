import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { disagreement, storeProgram } from '../testing/store-program.ts'
import { Changes } from './changes.ts'
import { DAILY, DAY, Kept, MINUTE, NOON, processes, reserve, settle, SLOTS, TOKENS } from './kept.fixture.ts'
import { MemoryStore } from './memory-store.ts'
import { Meters } from './meters.ts'
import type { Op } from './port.ts'
import { resume } from './resume.ts'

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
          let store = kept.resumed(steps[0]!.now)
          let sent = 0
          const told = {
            send(op: Op, at: number, done: (answer: never) => void) {
              store.send(op, at, done as never)
              // Saved every so often: what is saved is only what changed since.
              if (++sent % every === 0) kept.keep(store)
            },
          }
          const reopen = async (now: number) => {
            kept.keep(store)
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

  it('is one slot where both who share it were open, whichever ends first', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [SLOTS], 1), NOON)
    send(reserve(2, [SLOTS], 1, { parent: 1, leaseMs: 2 * MINUTE }), NOON)
    restart()
    expect([0, MINUTE, 2 * MINUTE].map((ms) => left(SLOTS, NOON + ms))).toEqual([1, 1, 2])
  })

  it('is no slot that was lent and given back', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [SLOTS], 1), NOON)
    send(reserve(2, [SLOTS], 1, { parent: 1, leaseMs: 2 * MINUTE }), NOON)
    send({ type: 'release-slots', id: 2 }, NOON)
    restart()
    expect([0, MINUTE, 2 * MINUTE].map((ms) => left(SLOTS, NOON + ms))).toEqual([1, 2, 2])
  })

  it('is given back with the call that had it, though that lends its slot still', () => {
    const { send, left, restart } = processes()
    send(reserve(1, [DAILY, SLOTS], 100), NOON)
    send(reserve(2, [SLOTS], 1, { parent: 1, leaseMs: 2 * MINUTE }), NOON)
    send({ type: 'cancel', id: 1 }, NOON)
    restart()
    expect([0, MINUTE, 2 * MINUTE].map((ms) => left(DAILY, NOON + ms))).toEqual([1_000, 1_000, 1_000])
    expect(left(SLOTS, NOON + 2 * MINUTE)).toBe(2)
  })

  it('comes in the order in which leases end: each is then at the end of those before it', () => {
    const meters = new Meters({ maxKeys: 100, onForgotten: () => {} })
    const changes = new Changes({
      lastBucket: 0,
      lastReservation: 3,
      known: () => undefined,
      isOpen: () => true,
    })
    const rest = { open: true, buckets: [], amounts: [], counted: false, slotsOpen: false }
    const reservations = [300, 100, 200].map((leaseUntil, id) => ({ id: id + 1, leaseUntil, ...rest }))
    const resumed = resume({ at: 0, buckets: [], reservations }, 0, { meters, changes })
    expect(resumed.map(({ leaseUntil }) => leaseUntil)).toEqual([100, 200, 300])
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
