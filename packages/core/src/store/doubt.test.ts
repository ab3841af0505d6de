import { describe, expect, it } from 'vitest'
import { MemoryStore } from './memory-store.ts'
import type { Bucket, Op } from './port.ts'

const MINUTE = 60_000

/** A bucket of 1,000 with three calls of 100 under way, sent at 0. */
function underWay(algorithm: 'token-bucket' | 'sliding-window' | 'fixed-window') {
  const bucket: Bucket = { key: 'tokens', algorithm, capacity: 1_000, perMs: MINUTE, phaseMs: 0 }
  const store = new MemoryStore()
  const send = (op: Op, now = 0) => store.send(op, now, () => {})
  for (const id of [1, 2, 3]) {
    send({
      type: 'reserve',
      id,
      buckets: [bucket],
      amounts: [100],
      leaves: [0],
      holder: 1,
      rank: 0,
      claimable: 1,
      leaseMs: MINUTE,
    })
  }
  return {
    answered: (id: number, remaining: number, ageMs = 0) => {
      send({ type: 'acknowledge', id })
      send({ type: 'observe', bucket, remaining, resetMs: undefined, ageMs })
    },
    cancel: (id: number) => send({ type: 'cancel', id }),
    left: () => {
      let left = Number.NaN
      store.send({ type: 'peek', buckets: [bucket], amounts: [0], leaves: [0] }, 0, (answer) => {
        if (answer.kind === 'levels') left = answer.levels[0]!.available
      })
      return left
    },
  }
}

describe.each(['token-bucket', 'sliding-window', 'fixed-window'] as const)(
  'a header of a %s',
  (algorithm) => {
    it('that had counted what is under way costs nothing once that is answered', () => {
      const { answered, left } = underWay(algorithm)
      expect(left()).toBe(700)
      answered(1, 700)
      // Had the two others not been counted in those 700, only 500 would be left.
      expect(left()).toBe(500)
      answered(2, 700)
      expect(left()).toBe(600)
      answered(3, 700)
      expect(left()).toBe(700)
    })

    it('that had counted somebody else is believed, and stays so', () => {
      const { answered, left } = underWay(algorithm)
      answered(1, 700)
      answered(2, 600)
      answered(3, 500)
      expect(left()).toBe(500)
    })

    it('is certain of what it cannot owe to calls under way', () => {
      const { answered, left } = underWay(algorithm)
      answered(1, 200, MINUTE)
      // 200 and the 200 that are under way, of which it had perhaps counted none: the rest is somebody else’s.
      expect(left()).toBe(200)
    })

    it('leaves nothing held back for a call that was never sent', () => {
      const { answered, cancel, left } = underWay(algorithm)
      answered(1, 700)
      cancel(2)
      cancel(3)
      expect(left()).toBe(700)
    })

    it('never raises what is left', () => {
      const { answered, left } = underWay(algorithm)
      answered(1, 5_000)
      expect(left()).toBe(700)
    })
  },
)
