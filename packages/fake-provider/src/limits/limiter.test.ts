import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { resolveLimits } from './limit-settings.ts'
import { createLimiter, isRefusal, type Limiter } from './limiter.ts'

function create(options: Record<string, unknown>, concurrency?: number): Limiter {
  const scale = { minuteMs: 1000, dayMs: 10_000, seed: 1 }
  const limits = resolveLimits(options, { at: 'test', algorithm: 'sliding-window', scale })
  return createLimiter(limits, concurrency, 0)
}

function used(limiter: Limiter, now: number): number[] {
  return limiter.limits.map(({ meter }) => meter.used(now))
}

describe('a limiter', () => {
  it('takes from all limits or from none', () => {
    const limiter = create({ rpm: 3, tpm: 100, itpm: 50 })
    const demand = { requests: 1, tokens: 40, input: 30 }
    expect(limiter.admit(0, demand)).toEqual({ at: 0, epoch: 0 })
    const refusal = limiter.admit(1, demand)
    expect(refusal).toMatchObject({ unit: 'input', limit: 50, used: 30, requested: 30, waitMs: 999 })
    expect(used(limiter, 1)).toEqual([1, 40, 30])
    expect(limiter.limits.map(({ tally }) => tally.refused)).toEqual([0, 0, 1])
  })

  it('names the limit that holds the request up longest', () => {
    const limiter = create({ rpm: 1, rpd: 1 })
    limiter.admit(0, { requests: 1, tokens: 0, input: 0 })
    expect(limiter.admit(10, { requests: 1, tokens: 0, input: 0 })).toMatchObject({
      name: 'requests per day (RPD)',
      waitMs: 9990,
    })
  })

  it('lets in while the output counter is short of its cap, then not', () => {
    const limiter = create({ otpm: 50 })
    const demand = { requests: 1, tokens: 10_000, input: 10_000 }
    limiter.admit(0, demand)
    limiter.add(0, 'output', 49)
    expect(isRefusal(limiter.admit(0, demand))).toBe(false)
    limiter.add(0, 'output', 1)
    expect(limiter.admit(0, demand)).toMatchObject({ unit: 'output', waitMs: 1000 })
  })

  it('holds no more in flight than its slots', () => {
    const limiter = create({}, 2)
    const demand = { requests: 1, tokens: 1, input: 1 }
    limiter.admit(0, demand)
    limiter.admit(0, demand)
    expect(limiter.admit(0, demand)).toMatchObject({ unit: 'concurrency', waitMs: undefined })
    limiter.release()
    expect(isRefusal(limiter.admit(0, demand))).toBe(false)
  })

  it('gives back only to the buckets that were charged: not to those after a reset', () => {
    const limiter = create({ limits: [{ unit: 'tokens', amount: 100, algorithm: 'token-bucket' }] })
    const charge = limiter.admit(0, { requests: 1, tokens: 80, input: 0 })
    if (isRefusal(charge)) throw new Error('refused')
    limiter.giveBack(0, charge, 30)
    expect(used(limiter, 0)).toEqual([50])
    limiter.reset(2)
    limiter.add(2, 'tokens', 10)
    limiter.giveBack(2, charge, 30)
    expect(used(limiter, 2)).toEqual([10])
  })

  it('counts refused requests as far as there is room', () => {
    const limiter = create({ rpm: 2 })
    for (let time = 0; time < 3; time++) limiter.countRefused(time)
    expect(used(limiter, 3)).toEqual([2])
  })

  it('lets a foreign process take only what fits', () => {
    const limiter = create({ tpm: 100 })
    expect(limiter.consume(0, 'tokens', 70)).toBe(true)
    expect(limiter.consume(0, 'tokens', 40)).toBe(false)
    expect(limiter.limits[0]?.tally.foreign).toBe(70)
  })

  it.each(['token-bucket', 'fixed-window', 'sliding-window'])(
    'never exceeds a %s, by its tally too',
    (algorithm) => {
      const random = createRandom(3)
      const limiter = create({ limits: [{ unit: 'tokens', amount: 100, algorithm }] })
      let admitted = 0
      for (let now = 0; now < 20_000; now += random() * 20) {
        const tokens = Math.ceil(random() * 30)
        const charge = limiter.admit(now, { requests: 1, tokens, input: 0 })
        if (isRefusal(charge)) continue
        admitted++
        if (random() < 0.3) limiter.giveBack(now, charge, tokens / 2)
      }
      const tally = limiter.limits[0]?.tally
      expect(admitted).toBeGreaterThan(50)
      expect(tally?.peak).toBeLessThanOrEqual(100 + 1e-6)
      // A bucket lets a full burst and a period's refill through within one period; windows do not.
      const most = algorithm === 'token-bucket' ? 200 : 100
      expect(tally?.windowMax).toBeLessThanOrEqual(most + 1e-6)
    },
  )
})
