import { describe, expect, it } from 'vitest'
import { MemoryStore } from './memory-store.ts'
import type { Meter } from './meter.ts'
import type { Bucket, Op } from './port.ts'
import { SlidingWindow } from './sliding-window.ts'
import { TokenBucket } from './token-bucket.ts'

const MINUTE = 60_000

/** A bucket of 1,000 with three calls of 100 under way, sent at 0. */
function underWay(algorithm: 'token-bucket' | 'sliding-window' | 'fixed-window') {
  const bucket: Bucket = { key: 'tokens', algorithm, capacity: 1_000, perMs: MINUTE, phaseMs: MINUTE / 2 }
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
      answered(1, 200, MINUTE / 4)
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

describe('what is in doubt', () => {
  const BUCKET: Bucket = { key: 'k', algorithm: 'token-bucket', capacity: 1_000, perMs: MINUTE }
  const fresh = (remaining: number) => ({ remaining, resetMs: undefined, ageMs: 0 })

  it('is nothing up to a hundredth, and never more than is under way or than is missing', () => {
    const doubt = (remaining: number) => {
      const meter = new TokenBucket(BUCKET, 0)
      meter.hold(0, 200)
      meter.told(0, fresh(remaining))
      return [meter.doubt, meter.free(0)]
    }
    expect([990, 989, 900, 795].map(doubt)).toEqual([
      [0, 800],
      [11, 789],
      [100, 700],
      [200, 600],
    ])
  })

  it('was used when the call it may be about was never sent, and comes back as that does', () => {
    const meter = new TokenBucket(BUCKET, 0)
    meter.hold(0, 300)
    meter.told(0, fresh(800))
    meter.drop(0, 300)
    expect([meter.doubt, meter.free(0), meter.free(6_000)]).toEqual([0, 800, 900])
  })
})

describe('while somebody else is known to use a limit', () => {
  const BUCKET: Bucket = { key: 'k', algorithm: 'sliding-window', capacity: 1_000, perMs: MINUTE }
  const fresh = (remaining: number) => ({ remaining, resetMs: undefined, ageMs: 0 })
  /** They were seen at `seenAt`; at `now` a call of 200 is under way, a header tells of 900, and the call is answered. */
  function left(seen: number, seenAt: number, now: number, ageMs = 0): number {
    const meter = new SlidingWindow(BUCKET, 0)
    meter.told(seenAt, fresh(seen))
    meter.hold(now, 200)
    meter.told(now, { ...fresh(900), ageMs })
    meter.settleDoubt(200)
    meter.drop(now, 200)
    meter.count(now, 200)
    return meter.free(now)
  }

  it('what is missing is theirs, for ten windows', () => {
    expect([200_000, 699_999].map((now) => left(500, 100_000, now))).toEqual([700, 700])
    // Then it is that of the call again.
    expect(left(500, 100_000, 700_000)).toBe(800)
  })

  it('which is known when more is missing than a hundredth and what is under way', () => {
    expect([left(989, 100_000, 300_000), left(990, 100_000, 300_000)]).toEqual([700, 800])
    const meter = new SlidingWindow(BUCKET, 0)
    meter.hold(0, 300)
    meter.told(0, fresh(700))
    meter.told(MINUTE, fresh(900))
    expect([meter.doubt, meter.free(MINUTE)]).toEqual([100, 600])
  })

  it('an old header is held to have counted what is under way all the same', () => {
    expect(left(500, 100_000, 300_000, MINUTE / 20 + 1)).toBe(800)
  })
})

describe('what came free since a call was sent', () => {
  const BUCKET: Bucket = { key: 'k', algorithm: 'sliding-window', capacity: 1_000, perMs: MINUTE }
  const call = (meter: Meter, at: number, amount: number) => {
    meter.hold(at, amount)
    meter.drop(at, amount)
    meter.count(at, amount)
  }
  /** 980 are used at 0. A call of 10 is made at `sentAt`, and at 62,000 its header says that `remaining` were left. */
  function told(
    remaining: number,
    sentAt: number,
    turnedBack = false,
    meter: Meter = new SlidingWindow(BUCKET, 0),
  ) {
    call(meter, 0, 980)
    if (turnedBack) meter.pause(1, 1, 0)
    call(meter, sentAt, 10)
    const before = meter.free(62_000)
    meter.told(62_000, { remaining, resetMs: undefined, ageMs: 62_000 - sentAt })
    return [before, meter.free(62_000)]
  }

  it('is not somebody else’s use, however late the header is read', () => {
    expect([told(10, 59_900), told(10, 100)]).toEqual([
      [990, 990],
      [1_000, 1_000],
    ])
    const [before, after] = told(10, 100, false, new TokenBucket({ ...BUCKET, algorithm: 'token-bucket' }, 0))
    expect([before! > 980, after]).toEqual([true, before])
  })

  it('is counted from then, whatever was asked for since', () => {
    const meter = new SlidingWindow(BUCKET, 0)
    for (const at of [0, 100]) call(meter, at, 490)
    call(meter, 61_500, 10)
    meter.told(62_000, { remaining: 20, resetMs: undefined, ageMs: 61_900 })
    expect(meter.free(62_000)).toBe(990)
    meter.told(62_000, { remaining: 20, resetMs: undefined, ageMs: 500 })
    expect(meter.free(62_000)).toBe(20)
  })

  it('is theirs while they are known to use the limit: by a rate limit', () => {
    expect(told(10, 59_900, true)).toEqual([990, 10])
  })

  it('hides nobody when it came before', () => {
    expect(told(500, 61_999)).toEqual([990, 500])
  })

  it('may be a refund', () => {
    const meter = new SlidingWindow(BUCKET, 0)
    call(meter, 100, 500)
    meter.correct(2_000, 100, 500, 100)
    meter.told(2_000, { remaining: 500, resetMs: undefined, ageMs: 1_900 })
    expect(meter.free(2_000)).toBe(900)
  })
})
