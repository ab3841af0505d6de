import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storeProgram } from '../testing/store-program.ts'
import { DAILY, DAY, HOUR, MINUTE, NOON, processes, reserve, settle, SLOTS, TOKENS } from './kept.fixture.ts'
import type { Bucket } from './port.ts'

describe('when the clock was set back', () => {
  const LATER = NOON + 20 * DAY

  it('nothing comes free by it, and nothing is held for ever', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 200 }), fc.nat(30 * DAY), (seed, length, backMs) => {
        const { send, left, restart } = processes()
        const steps = storeProgram(seed, length)
        const buckets = new Map<string, Bucket>()
        for (const { op, now } of steps) {
          send(op, now)
          const named = 'buckets' in op ? op.buckets : 'bucket' in op ? [op.bucket] : []
          for (const bucket of named) buckets.set(bucket.key, bucket)
        }
        const { now } = steps.at(-1)!
        const all = [...buckets.values()]
        const before = all.map((bucket) => left(bucket, now))
        restart()
        const after = all.map((bucket) => left(bucket, now - backMs))
        // Around the end of its window one is closed, whatever is left of it.
        const isClosed = (index: number) => all[index]!.algorithm === 'fixed-window' && before[index] === 0
        expect(after.filter((room, index) => room > before[index]! + 1e-6 && !isClosed(index))).toEqual([])
        // Leases end when somebody looks.
        left(TOKENS, now - backMs + 2 * MINUTE)
        const rested = all.filter(({ key }) => !key.includes('run='))
        // At one of two moments: one may be around the end of a window.
        const whole = [0, 3_000].map((ms) =>
          rested.map((bucket) => left(bucket, now - backMs + 32 * DAY + ms)),
        )
        expect(rested.map((_, index) => Math.max(whole[0]![index]!, whole[1]![index]!))).toEqual(
          rested.map(({ capacity }) => capacity),
        )
      }),
      { numRuns: 200 },
    )
  })

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
