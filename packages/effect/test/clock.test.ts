import { Clock, Effect, Fiber, Stream } from 'effect'
import { TestClock } from 'effect/testing'
import { describe, expect, it } from 'vitest'
import { Plimsoll, reserve, withBudget, withBudgetStream } from '../src/index.ts'
import { inTest, NOTHING_LEFT, settled, state, TARGET } from './support.ts'

const oneInTenSeconds = {
  targets: {
    [TARGET]: { limits: [{ unit: 'requests', amount: 1, perMs: 10_000, algorithm: 'token-bucket' }] },
  },
} as const

const call = Effect.map(Clock.currentTimeMillis, (at) => at).pipe(
  withBudget({ target: TARGET, tokens: 10, usage: () => ({ inputTokens: 10, outputTokens: 1 }) }),
)

describe('waits under a test clock', () => {
  it('last until the window, to the millisecond', async () => {
    const times = await inTest(
      oneInTenSeconds,
      Effect.gen(function* () {
        const first = yield* call
        const second = yield* Effect.forkChild(call)
        yield* settled
        yield* TestClock.adjust(9_999)
        yield* settled
        const waiting = (yield* state).waiting
        yield* TestClock.adjust(1)
        return [first, waiting, yield* Fiber.join(second)]
      }),
    )
    expect(times).toEqual([0, 1, 10_000])
  })

  it('are those of a reservation too', async () => {
    const at = await inTest(
      oneInTenSeconds,
      Effect.gen(function* () {
        yield* call
        const second = yield* Effect.forkChild(
          Effect.scoped(Effect.andThen(reserve({ target: TARGET, tokens: 1 }), Clock.currentTimeMillis)),
        )
        yield* settled
        yield* TestClock.adjust(30_000)
        return yield* Fiber.join(second)
      }),
    )
    expect(at).toBe(10_000)
  })

  it('are those of a stream too', async () => {
    const at = await inTest(
      oneInTenSeconds,
      Effect.gen(function* () {
        yield* call
        const words = withBudgetStream(Stream.fromEffect(Clock.currentTimeMillis), {
          target: TARGET,
          tokens: 1,
        })
        const second = yield* Effect.forkChild(Stream.runCollect(words))
        yield* settled
        yield* TestClock.adjust(10_000)
        return yield* Fiber.join(second)
      }),
    )
    expect(at).toEqual([10_000])
  })

  it('are of the clock of the call, where the layer was built under another', async () => {
    const program = Effect.gen(function* () {
      const first = yield* call
      const second = yield* Effect.forkChild(call)
      yield* settled
      yield* TestClock.adjust(10_000)
      return (yield* Fiber.join(second)) - first
    })
    const underTest = Effect.provide(program, TestClock.layer())
    const run = Effect.provide(underTest, Plimsoll.layer(oneInTenSeconds))
    expect(await Effect.runPromise(Effect.timeout(run, '5 seconds'))).toBe(10_000)
  })

  it('are jittered by the dice of the layer: backoff takes the same time each run', async () => {
    const run = () => {
      const at: number[] = []
      const failing = Effect.flatMap(Clock.currentTimeMillis, (now) => {
        at.push(now)
        return Effect.fail({ status: 500 })
      })
      return inTest(
        { retry: { budget: 1 } },
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(
            Effect.exit(withBudget(failing, { target: TARGET, tokens: 1 })),
          )
          for (let step = 0; step < 200; step++) {
            yield* settledQuick
            yield* TestClock.adjust(100)
          }
          yield* Fiber.join(fiber)
          return at
        }),
      )
    }
    const first = await run()
    expect(first).toHaveLength(3)
    expect(first[2]).toBeGreaterThan(first[1]!)
    expect(await run()).toEqual(first)
  })

  it('are given up after the attempt has had its time, to the millisecond', async () => {
    const [before, error, after] = await inTest(
      { timeouts: { attemptMs: 250 }, retry: { maxAttempts: 1 } },
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(
          Effect.flip(withBudget(Effect.never, { target: TARGET, tokens: 1 })),
        )
        yield* settled
        yield* TestClock.adjust(249)
        yield* settled
        const held = (yield* state).reservations
        yield* TestClock.adjust(1)
        return [held, yield* Fiber.join(fiber), yield* state] as const
      }),
    )
    expect(before).toBe(1)
    expect(error.reason).toMatchObject({ _tag: 'ProviderFailed', failure: 'timeout' })
    expect(after).toEqual(NOTHING_LEFT)
  })
})

const settledQuick = TestClock.withLive(Effect.sleep(0))
