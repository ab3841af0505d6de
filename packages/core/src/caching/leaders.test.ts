import { describe, expect, it } from 'vitest'
import { Events } from '../call/events.ts'
import type { AnswerTo, LeadAnswer, Op, Store, StoreWatcher } from '../store/port.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { Answers } from './answers.ts'
import { NO_CIPHER } from './cipher.ts'
import { GuardedStore } from './guarded-store.ts'
import { Leaders } from './leaders.ts'
import { Levels } from './levels.ts'

const CACHE = { ttlMs: 60_000, staleIfErrorMs: 600_000 }

/** A store that says of whoever asks what its test says. */
function setUp(says: () => LeadAnswer) {
  const clock = virtualClock()
  const now = () => clock.now()
  const map = new Map<string, string>()
  const askedAt: number[] = []
  const watchers = new Set<StoreWatcher>()
  const store: Store = {
    leads: true,
    send<O extends Op>(_op: O, _now: number, done: (answer: AnswerTo<O>) => void): void {
      askedAt.push(clock.now())
      done(says() as AnswerTo<O>)
    },
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
  }
  const kept = new GuardedStore({
    store: { get: async (key) => map.get(key), set: async (key, value) => map.set(key, value) },
    clock,
    now,
    deadlineMs: 200,
    onFailed: () => {},
  })
  const sizes = { maxEntries: 10, maxBytes: 10_000, maxEntryBytes: 1_000 }
  const levels = new Levels({ ...sizes, store: kept, cipher: NO_CIPHER })
  const answers = new Answers({ clock, now, events: new Events(), levels })
  const leaders = new Leaders({ store, clock, now, deadlineMs: 200, levels, answers })
  const controller = new AbortController()
  const follow = () => {
    const claim = leaders.claim({ key: 'key', rank: () => 1, goodForMs: CACHE.ttlMs })
    const { signal } = controller
    return leaders.follow(claim, { key: 'key', cache: CACHE, waits: true, signal })
  }
  /** What another process has written. */
  const write = (at: number) =>
    map.set('key', JSON.stringify({ v: 1, at, target: 'a/b', data: 'the answer' }))
  return { clock, askedAt, watchers, leaders, controller, follow, write, levels }
}

describe('whoever follows', () => {
  it.each([
    ['what is left of the claim', 3_000, [0, 3_000, 6_000, 9_000]],
    ['half a second where it is less', 1, [0, 500, 1_000, 1_500]],
    ['half a second where that is over', -1e9, [0, 500, 1_000, 1_500]],
    ['half a second where it is no number', Number.NaN, [0, 500, 1_000, 1_500]],
    ['no longer than any claim lasts', 1e12, [0, 5_000, 10_000, 15_000]],
  ])('asks again after %s', async (_what, untilMs, times) => {
    const { clock, askedAt, follow, controller } = setUp(() => ({ kind: 'follows', untilMs }))
    const following = follow()
    await clock.advance(times[3]!)
    expect(askedAt).toEqual(times)
    controller.abort()
    expect(await following).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  it('is woken by news of its own key, looks, and asks only where there is nothing', async () => {
    const { clock, askedAt, follow, watchers, write } = setUp(() => ({ kind: 'follows', untilMs: 4_000 }))
    const following = follow()
    await clock.advance(100)
    for (const { freed } of watchers) freed(['another key'])
    await clock.advance(0)
    expect(askedAt).toEqual([0])
    for (const { freed } of watchers) freed(['key'])
    await clock.advance(0)
    expect(askedAt).toEqual([0, 100])
    write(100)
    for (const { freed } of watchers) freed(['key'])
    expect(await following).toMatchObject({ joined: true, entry: { data: 'the answer' } })
    expect([askedAt, clock.pending]).toEqual([[0, 100], 0])
  })

  it('is not answered by what is only good for when all else fails', async () => {
    const { clock, follow, watchers, write, askedAt } = setUp(() => ({ kind: 'follows', untilMs: 4_000 }))
    write(-CACHE.ttlMs)
    const following = follow()
    await clock.advance(10)
    for (const { freed } of watchers) freed(['key'])
    await clock.advance(0)
    expect(askedAt).toEqual([0, 10])
    write(10)
    for (const { freed } of watchers) freed(['key'])
    expect(await following).toMatchObject({ joined: true })
  })

  it('has nothing to wait for once all is closed', async () => {
    const { askedAt, follow, leaders, watchers } = setUp(() => ({ kind: 'follows', untilMs: 4_000 }))
    const following = follow()
    leaders.close()
    expect(await following).toBeUndefined()
    expect(await follow()).toBeUndefined()
    expect([askedAt, watchers.size]).toEqual([[0], 0])
  })

  it.each(['leads', 'over'] as const)('does not wait where it is told: %s', async (kind) => {
    const { follow, clock, askedAt, controller } = setUp(() => ({ kind }))
    expect(await follow()).toBeUndefined()
    expect(askedAt).toEqual([0])
    controller.abort()
    expect(clock.pending).toBe(kind === 'leads' ? 1 : 0)
  })
})
