import { describe, expect, it } from 'vitest'
import { DAILY, DAY, HOUR, MINUTE, NOON, processes, reserve, settle, SLOTS, TOKENS } from './kept.fixture.ts'
import type { Bucket } from './port.ts'

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
