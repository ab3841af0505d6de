import type { Bucket, Level, ReserveOp } from '@plimsoll/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portOf } from '../port.ts'
import { redisForAll } from '../redis-client.fixture.ts'
import { RedisScript } from '../redis-script.ts'
import { HAS_REDIS } from '../redis-server.fixture.ts'
import { LAYOUT } from '../script.ts'
import { Process } from './fleet.fixture.ts'
import type { Sent } from './fleet.fixture.ts'
import { excess } from './provider.fixture.ts'

const START = Date.UTC(2026, 1, 27, 12)
const LEASE_MS = 5_000
const TERMS = { share: 0.2, ttlMs: 400 }

const SLIDING: Bucket = { key: 'tpm', algorithm: 'sliding-window', capacity: 600, perMs: 8_000 }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 25, perMs: Infinity }
const REFILLED: Bucket = { key: 'refilled', algorithm: 'token-bucket', capacity: 600, perMs: 8_000 }
const BUDGET: Bucket = { key: 'budget:run=r:tokens', algorithm: 'quota', capacity: 2_000, perMs: Infinity }
const FIXED: Bucket = { key: 'fixed', algorithm: 'fixed-window', capacity: 600, perMs: 5_000, phaseMs: 0 }
const LIVE: Bucket = { key: 'live', algorithm: 'sliding-window', capacity: 600, perMs: 8_000, live: true }
const BUCKETS = [SLIDING, SLOTS, REFILLED, BUDGET, FIXED, LIVE]
/** What a call of each target is charged to. */
const TARGETS = [
  [SLIDING, SLOTS],
  [REFILLED, BUDGET],
  [FIXED, LIVE],
]

interface Kind {
  readonly mayDie?: boolean
  /** Of what was reserved. */
  readonly mostUsed?: number
}

interface Step {
  readonly dice: number
  readonly who: number
  readonly which: number
  readonly size: number
  readonly part: number
  readonly target: number
}

const step: fc.Arbitrary<Step> = fc.record({
  dice: fc.nat(99),
  who: fc.nat(2),
  which: fc.nat(40),
  size: fc.integer({ min: 1, max: 8 }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  target: fc.nat(2),
})
const steps = fc.array(step, { minLength: 100, maxLength: 300, size: 'max' })

describe.skipIf(!HAS_REDIS)('slices of one store, in the hands of three processes', () => {
  const redis = redisForAll()
  let worlds = 0

  function world({ mayDie = false, mostUsed = 1 }: Kind) {
    const namespace = `slices-${++worlds}`
    const log: Sent[] = []
    const clock = { now: START }
    // One of them has a clock that is wrong.
    const offMs = [0, 2_000, 0]
    const script = (off: number) =>
      new RedisScript({ port: portOf(redis.client), namespace, timeOf: (now) => now - off })
    const member = (off: number) => new Process(script, off, TERMS, log)
    const processes = offMs.map(member)
    let ids = 0
    const reserve = ({ who, size, target, part }: Step): ReserveOp => {
      const buckets = TARGETS[target]!
      const rank = part < 0.2 ? 2 : 1
      return {
        type: 'reserve',
        id: ++ids,
        buckets,
        amounts: buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : size)),
        leaves: buckets.map(({ algorithm, capacity }) =>
          algorithm === 'slots' ? 0 : (rank - 1) * 0.1 * capacity,
        ),
        holder: who,
        rank,
        claimable: 1,
        leaseMs: LEASE_MS,
      }
    }
    const doStep = async (one: Step): Promise<void> => {
      const { dice, who, which, part } = one
      const process = processes[who]!
      const { now } = clock
      const flight = process.flights[which % Math.max(1, process.flights.length)]
      if (dice < 45) {
        for (let times = 0; times < 1 + (which % 8); times++) await process.reserve(reserve(one), now)
      } else if (dice < 50) process.counted(flight, now)
      else if (dice < 60) await process.acknowledge(flight, now)
      else if (dice < 74) await process.settle(flight, part * mostUsed, { refund: which % 3 > 0, now })
      else if (dice < 77) await process.cancel(flight, now)
      else if (dice < 79) await process.releaseSlots(flight, now)
      else if (dice < 81) await process.part(flight, now)
      else if (dice === 81) await process.pause(TARGETS[one.target]!, now)
      else if (dice < 90) await process.arrives(now)
      else if (dice < 98) process.answered(now)
      else if (mayDie && which === 0) {
        process.dies(clock.now)
        processes[who] = member(offMs[who]!)
      }
    }
    const pass = async (ms: number): Promise<void> => {
      clock.now += ms
      const { now } = clock
      for (const process of processes) {
        for (const flight of process.flights)
          if (now - flight.refreshedAt > LEASE_MS / 3) await process.refresh(flight, now)
      }
    }
    const levels = async (): Promise<Level[]> => {
      const zeros = BUCKETS.map(() => 0)
      const { answer } = await script(0).ask(
        { type: 'peek', buckets: BUCKETS, amounts: zeros, leaves: zeros },
        clock.now,
      )
      return [...answer.levels]
    }
    /** All calls end, and all is told. */
    const end = async (): Promise<void> => {
      const { now } = clock
      for (const process of processes) {
        for (const flight of process.flights.slice()) await process.settle(flight, 0.5, { refund: true, now })
        await process.quiet(now)
      }
    }
    return { namespace, log, clock, processes, doStep, pass, levels, end }
  }

  const used = (log: readonly Sent[], bucket: Bucket): number =>
    log.filter((one) => one.bucket === bucket).reduce((total, { amount }) => total + amount, 0)

  it.each<[string, Kind]>([
    ['whatever is late, lost or told twice', {}],
    ['where one is killed now and then', { mayDie: true }],
    ['where calls use more than was reserved', { mostUsed: 1.5 }],
  ])(
    'never admit more than there is, %s, and give all of it back',
    async (_, kind) => {
      let drawn = 0
      await fc.assert(
        fc.asyncProperty(steps, async (program) => {
          const { namespace, log, clock, processes, doStep, pass, levels, end } = world(kind)
          for (const one of program) {
            await pass(one.which % 8 === 0 ? one.size * 40 : one.which / 2)
            await doStep(one)
            // What was used beyond what was reserved is a debt.
            if (kind.mostUsed !== undefined) continue
            const exceeded = BUCKETS.find((bucket) => excess(bucket, log, clock.now) > 0)
            if (exceeded !== undefined)
              throw new Error(`${exceeded.key} by ${excess(exceeded, log, clock.now)}`)
          }
          drawn += processes.reduce((total, process) => total + process.drawn, 0)
          await end()
          const held = async () => {
            const ids = await redis.client.zRange(`{plimsoll:${namespace}}:${LAYOUT}:leases`, 0, -1)
            // One is there for the key to stay.
            return ids.filter((id) => id !== '')
          }
          const leaked = await held()
          expect(kind.mayDie === true ? [] : leaked).toEqual([])
          // Leases of the dead are over, then windows and pauses.
          await pass(3_600_000)
          // oxlint-disable-next-line no-await-in-loop -- each clears some of the dead
          while ((await held()).length > 0) await levels()
          await pass(3_600_000)
          const left = (await levels()).map(({ available }) => available)
          expect(await held()).toEqual([])
          const budget = BUCKETS.indexOf(BUDGET)
          const unused = BUDGET.capacity - used(log, BUDGET)
          // What a dead one held, and had not used, is lost.
          expect(kind.mayDie === true ? Math.max(left[budget]!, unused) : left[budget]).toBe(unused)
          expect(left.toSpliced(budget, 1)).toEqual(
            BUCKETS.toSpliced(budget, 1).map(({ capacity }) => capacity),
          )
        }),
        { numRuns: 15, endOnFailure: true },
      )
      // It was about slices, and not about trips.
      expect(drawn).toBeGreaterThan(200)
    },
    120_000,
  )
})
