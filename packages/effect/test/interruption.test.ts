import type { PlimsollEvent } from '@plimsoll/core'
import { Effect, Fiber, Stream } from 'effect'
import { TestClock } from 'effect/testing'
import { describe, expect, it } from 'vitest'
import { Plimsoll, reserve, withBudget, withBudgetStream } from '../src/index.ts'
import { inTest, NOTHING_LEFT } from './support.ts'

const PHASES = ['queued', 'granted', 'in flight', 'mid-stream', 'settling'] as const
type Phase = (typeof PHASES)[number]

const BATCHES = 15
const CALLS = 200
const SLOTS = 4

/** One call, and where it stands. */
interface Watched {
  readonly target: string
  /** Where it is to be interrupted, after so many turns of the microtask queue. */
  readonly at: Phase
  readonly hops: number
  phase: Phase | 'begun' | 'over'
  fiber: Fiber.Fiber<unknown, unknown> | undefined
}

describe('interruption at any point', () => {
  it('leaks nothing and settles once, three thousand times over', { timeout: 120_000 }, async () => {
    const random = seeded(7)
    const hits = new Map<string, number>()
    let interrupts = 0
    for (let batch = 0; batch < BATCHES; batch++) {
      // oxlint-disable-next-line no-await-in-loop -- one batch after the other
      const { closings, left, running, phases } = await play(random)
      for (const phase of phases) hits.set(phase, (hits.get(phase) ?? 0) + 1)
      interrupts += phases.length
      expect(left).toEqual(NOTHING_LEFT)
      expect([...closings.values()].every(({ reserved, closed }) => reserved === 1 && closed === 1)).toBe(
        true,
      )
      expect(running).toBe(0)
    }
    expect(interrupts).toBeGreaterThan(2_000)
    for (const phase of PHASES) expect((hits.get(phase) ?? 0) / interrupts, phase).toBeGreaterThan(0.05)
  })
})

interface Played {
  /** By call: how often room was reserved for it, and given back. */
  readonly closings: ReadonlyMap<string, { reserved: number; closed: number }>
  readonly left: unknown
  /** Effects that have begun and not ended. */
  readonly running: number
  /** Where calls were when they were interrupted. */
  readonly phases: readonly string[]
}

function play(random: () => number): Promise<Played> {
  const calls = Array.from({ length: CALLS }, (_, index): Watched => ({
    target: `openai/m${index}`,
    at: PHASES[index % PHASES.length]!,
    hops: Math.floor(random() * 4),
    phase: 'begun',
    fiber: undefined,
  }))
  const byTarget = new Map(calls.map((call) => [call.target, call]))
  const closings = new Map<string, { reserved: number; closed: number }>()
  const phases: string[] = []
  let running = 0

  const reached = (call: Watched, phase: Phase): void => {
    if (call.phase === 'over') return
    call.phase = phase
    if (call.at !== phase) return
    const strike = (hops: number): void => {
      // Let in while it is being forked: there is nothing to interrupt yet.
      if (hops > 0 || call.fiber === undefined) return queueMicrotask(() => strike(hops - 1))
      if (call.phase !== 'over') phases.push(call.phase)
      call.fiber?.interruptUnsafe()
    }
    strike(call.hops)
  }

  const onEvent = (event: PlimsollEvent): void => {
    if (!('callId' in event)) return
    const call = byTarget.get(event.target)!
    const closing = closings.get(event.callId) ?? { reserved: 0, closed: 0 }
    switch (event.type) {
      case 'queue.entered':
        return reached(call, 'queued')
      case 'budget.reserved':
        closing.reserved++
        closings.set(event.callId, closing)
        return reached(call, 'granted')
      case 'budget.settled':
      case 'budget.cancelled':
      case 'lease.expired':
        closing.closed++
        closings.set(event.callId, closing)
        return reached(call, 'settling')
      default:
    }
  }

  const inside = <A>(call: Watched, effect: Effect.Effect<A>): Effect.Effect<A> =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        running++
        reached(call, 'in flight')
      }),
      () => effect,
      () => Effect.sync(() => void running--),
    )

  const programOf = (call: Watched): Effect.Effect<unknown, unknown, Plimsoll> => {
    const { target } = call
    const ms = 1 + Math.floor(random() * 6)
    const kind = call.at === 'mid-stream' ? 1 : Math.floor(random() * 3)
    const used = () => ({ inputTokens: 1, outputTokens: 1 })
    if (kind === 0) return withBudget(inside(call, Effect.sleep(ms)), { target, tokens: 1, usage: used })
    if (kind === 1) {
      const words = Stream.concat(
        Stream.fromEffect(inside(call, Effect.sleep(ms))),
        Stream.fromEffect(Effect.sleep(ms)),
      )
      return withBudgetStream(words, { target, tokens: 1, usage: used }).pipe(
        Stream.runForEach(() => Effect.sync(() => reached(call, 'mid-stream'))),
      )
    }
    return Effect.scoped(
      Effect.flatMap(reserve({ target, tokens: 1 }), (room) =>
        Effect.andThen(inside(call, Effect.sleep(ms)), room.settle(used())),
      ),
    )
  }

  return inTest(
    {
      targets: Object.fromEntries(calls.map(({ target }) => [target, { pool: 'all' }])),
      pools: { all: { limits: { concurrency: SLOTS } } },
      onEvent,
    },
    Effect.gen(function* () {
      const { core } = yield* Plimsoll
      for (const call of calls) {
        call.fiber = yield* Effect.forkChild(
          Effect.ensuring(
            programOf(call),
            Effect.sync(() => void (call.phase = 'over')),
          ),
        )
      }
      while (calls.some(({ phase }) => phase !== 'over')) {
        yield* TestClock.withLive(Effect.sleep(0))
        yield* TestClock.adjust(1)
      }
      for (const { fiber } of calls) yield* Fiber.await(fiber!)
      return { closings, left: core.state(), running, phases }
    }),
  )
}

function seeded(seed: number): () => number {
  let value = seed
  return () => {
    value = (value * 1_103_515_245 + 12_345) % 2_147_483_648
    return value / 2_147_483_648
  }
}
