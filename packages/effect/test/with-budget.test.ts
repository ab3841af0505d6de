import { Cause, Effect, Exit, Fiber, Stream } from 'effect'
import { TestClock } from 'effect/testing'
import { describe, expect, it } from 'vitest'
import { CurrentCall, inherit, Plimsoll, withBudget, withBudgetStream, withCall } from '../src/index.ts'
import { exitInTest, inTest, listener, NOTHING_LEFT, settled, state, TARGET } from './support.ts'

const one = { targets: { [TARGET]: { limits: { concurrency: 1 } } } } as const
const call = { target: TARGET, tokens: 10 } as const
const used = () => ({ inputTokens: 7, outputTokens: 3 })

describe('withBudget', () => {
  it('gives back what the effect gave, and settles by the usage', async () => {
    const { events, onEvent } = listener()
    const value = await inTest({ onEvent }, withBudget(Effect.succeed('yes'), { ...call, usage: used }))
    expect(value).toBe('yes')
    expect(events.filter(({ type }) => type === 'budget.settled')).toMatchObject([
      { usage: { inputTokens: 7, outputTokens: 3 }, certainty: 'exact' },
    ])
  })

  it('reads the usage from the value where it is in a common shape', async () => {
    const { events, onEvent } = listener()
    await inTest(
      { onEvent },
      Effect.succeed({ usage: { prompt_tokens: 5, completion_tokens: 2 } }).pipe(withBudget(call)),
    )
    expect(events.find(({ type }) => type === 'call.finished')).toMatchObject({
      usage: { inputTokens: 5, outputTokens: 2 },
      estimated: false,
    })
  })

  it('fails with the effect’s own failure, as it was', async () => {
    const error = { _tag: 'Mine', code: 3 } as const
    const exit = await exitInTest({}, withBudget(Effect.fail(error), call))
    expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toBe(error)
  })

  it('lets a defect through as a defect, and runs nothing again', async () => {
    let runs = 0
    const broken = Effect.sync(() => {
      runs++
      throw Object.assign(new Error('bug'), { status: 500 })
    })
    const exit = await exitInTest({}, withBudget(broken, call))
    expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
    expect(runs).toBe(1)
  })

  it('is interrupted where the effect interrupts itself', async () => {
    const [exit, left] = await inTest(
      {},
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(withBudget(Effect.interrupt, call))
        return [yield* Fiber.await(fiber), yield* state] as const
      }),
    )
    expect(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)).toBe(true)
    expect(left).toEqual(NOTHING_LEFT)
  })

  it('ends an interruption only after the effect has ended its own way', async () => {
    const order: string[] = []
    const slow = Effect.onInterrupt(Effect.never, () =>
      Effect.andThen(
        settled,
        Effect.sync(() => order.push('effect')),
      ),
    )
    const left = await inTest(
      one,
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(withBudget(slow, call))
        yield* settled
        yield* Fiber.interrupt(fiber)
        order.push('interrupted')
        return yield* state
      }),
    )
    expect(order).toEqual(['effect', 'interrupted'])
    expect(left).toEqual(NOTHING_LEFT)
  })

  it('leaves the queue at once when it is interrupted there', async () => {
    const [before, after] = await inTest(
      one,
      Effect.gen(function* () {
        yield* Effect.forkChild(withBudget(Effect.never, call))
        const waiting = yield* Effect.forkChild(withBudget(Effect.void, call))
        yield* settled
        const queued = yield* state
        yield* Fiber.interrupt(waiting)
        return [queued.waiting, yield* state] as const
      }),
    )
    expect(before).toBe(1)
    expect(after).toEqual({ waiting: 0, reservations: 1 })
  })

  it('refuses with one error whose reason can be caught', async () => {
    const caught = await inTest(
      { targets: { [TARGET]: { limits: { tpm: 5 } } } },
      withBudget(Effect.succeed(1), call).pipe(
        Effect.catchReason('PlimsollError', 'TooLarge', ({ limit }) => Effect.succeed(limit)),
      ),
    )
    expect(caught).toBe('limit:openai/m:tokens:60000')
  })

  it('refuses a call whose deadline passes in the queue', async () => {
    const error = await inTest(
      one,
      Effect.gen(function* () {
        yield* Effect.forkChild(withBudget(Effect.never, call))
        yield* settled
        return yield* Effect.flip(withBudget(Effect.void, { ...call, deadline: '50 millis' }))
      }).pipe((program) => Effect.raceFirst(program, ticking)),
    )
    expect(error).toMatchObject({ _tag: 'PlimsollError', reason: { _tag: 'DeadlineExceeded' } })
  })

  it('lets a call inside it borrow its slot, one at a time', async () => {
    let inside = 0
    let peak = 0
    const nested = withBudget(
      Effect.gen(function* () {
        peak = Math.max(peak, ++inside)
        yield* Effect.yieldNow
        inside--
        return 'deep'
      }),
      call,
    )
    const both = Effect.all([nested, nested, nested], { concurrency: 'unbounded' })
    expect(await inTest(one, withBudget(both, call))).toEqual(['deep', 'deep', 'deep'])
    expect(peak).toBe(1)
  })

  it('borrows nothing of a call that is over, though it was begun inside of it', async () => {
    const left = await inTest(
      one,
      Effect.gen(function* () {
        const later = Effect.andThen(settled, withBudget(Effect.never, call))
        const orphan = yield* withBudget(Effect.forkDetach(later), call)
        yield* Effect.forkChild(withBudget(Effect.never, call))
        yield* settled
        yield* settled
        const seen = yield* state
        yield* Fiber.interrupt(orphan)
        return [seen, yield* state] as const
      }),
    )
    expect(left).toEqual([
      { waiting: 1, reservations: 1 },
      { waiting: 0, reservations: 1 },
    ])
  })

  it('borrows nothing of a call that is only beside it', async () => {
    const waiting = await inTest(
      one,
      Effect.gen(function* () {
        yield* Effect.forkChild(withBudget(Effect.forever(Effect.yieldNow), call))
        for (let i = 0; i < 5; i++) yield* Effect.forkChild(withBudget(Effect.never, call))
        yield* settled
        return yield* state
      }),
    )
    expect(waiting).toEqual({ waiting: 5, reservations: 1 })
  })
})

describe('who calls', () => {
  const tenants = (events: ReturnType<typeof listener>['events']) =>
    events.flatMap((event) => (event.type === 'call.finished' ? [event.attributes.tenant] : []))

  it('is what withCall says, the innermost field by field', async () => {
    const attributes = await inTest(
      {},
      Effect.service(CurrentCall).pipe(withCall({ user: 'ada' }), withCall({ tenant: 'acme', user: 'bob' })),
    )
    expect(attributes).toEqual({ tenant: 'acme', user: 'ada' })
  })

  it('is never who calls in the fiber beside', async () => {
    const { events, onEvent } = listener()
    const interleaved = (tenant: string) =>
      withBudget(Effect.andThen(Effect.yieldNow, withBudget(Effect.yieldNow, call)), call).pipe(
        withCall({ tenant }),
      )
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`)
    await inTest(
      { onEvent },
      Effect.all([...names.map(interleaved), withBudget(Effect.void, call)], { concurrency: 21 }),
    )
    const counts = Object.groupBy(tenants(events), (tenant) => tenant ?? 'nobody')
    expect(Object.values(counts).map((of) => of?.length)).toEqual(expect.arrayContaining([2, 1]))
    expect(counts['nobody']).toHaveLength(1)
    for (const name of names) expect(counts[name], name).toHaveLength(2)
  })

  it('is what the core has around it only where that is inherited', async () => {
    const { events, onEvent } = listener()
    const run = (effect: Effect.Effect<void, unknown, Plimsoll>) => inTest({ onEvent }, effect)
    const bare = withBudget(Effect.void, call)
    await inTest(
      { onEvent },
      Effect.gen(function* () {
        const plimsoll = yield* Plimsoll
        const provided = (effect: typeof bare) => Effect.provideService(effect, Plimsoll, plimsoll)
        yield* Effect.promise(() =>
          plimsoll.core.with({ tenant: 'acme' }, () => Effect.runPromise(provided(bare))),
        )
        yield* Effect.promise(() =>
          plimsoll.core.with({ tenant: 'acme' }, () => Effect.runPromise(provided(inherit(bare)))),
        )
      }),
    )
    await run(bare)
    expect(tenants(events)).toEqual([undefined, 'acme', undefined])
  })
})

describe('withBudgetStream', () => {
  const words = Stream.fromIterable(['a', 'b', 'c'])

  it('gives the elements on, and settles by what the last said', async () => {
    const { events, onEvent } = listener()
    const options = { ...call, usage: (word: string) => (word === 'c' ? used() : undefined) }
    expect(await inTest({ onEvent }, Stream.runCollect(withBudgetStream(words, options)))).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(events.find(({ type }) => type === 'call.finished')).toMatchObject({
      outcome: 'finished',
      estimated: false,
      usage: { inputTokens: 7, outputTokens: 3 },
    })
  })

  it('ends the call when its reader has enough', async () => {
    const { events, onEvent } = listener()
    const left = await inTest(
      { ...one, onEvent },
      Effect.andThen(Stream.runDrain(Stream.take(withBudgetStream(words, call), 1)), state),
    )
    expect(left).toEqual(NOTHING_LEFT)
    expect(events.find(({ type }) => type === 'call.finished')).toMatchObject({
      outcome: 'aborted',
      estimated: true,
    })
  })

  it.each([
    ['before its first element', Stream.never],
    ['midway', Stream.concat(words, Stream.never)],
  ])('ends with an interruption %s', async (_, stream) => {
    const left = await inTest(
      one,
      Effect.gen(function* () {
        const reading = yield* Effect.forkChild(Stream.runDrain(withBudgetStream(stream, call)))
        yield* settled
        const held = yield* state
        yield* Fiber.interrupt(reading)
        return [held.reservations, yield* state] as const
      }),
    )
    expect(left).toEqual([1, NOTHING_LEFT])
  })

  it('ends an interruption only after the stream has ended its own way', async () => {
    const order: string[] = []
    const slow = Stream.ensuring(
      Stream.never,
      Effect.andThen(
        settled,
        Effect.sync(() => order.push('stream')),
      ),
    )
    await inTest(
      one,
      Effect.gen(function* () {
        const reading = yield* Effect.forkChild(Stream.runDrain(withBudgetStream(slow, call)))
        yield* settled
        yield* Fiber.interrupt(reading)
        order.push('interrupted')
      }),
    )
    expect(order).toEqual(['stream', 'interrupted'])
  })

  it('is tried again before its first element, and never after', async () => {
    const failures = [500, 500]
    let runs = 0
    const attempt = (elements: readonly string[]) =>
      Stream.suspend(() => {
        const status = failures[runs++]
        const end = status === undefined ? Stream.empty : Stream.fail({ status })
        return Stream.concat(Stream.fromIterable(elements), end)
      })
    const config = { retry: { budget: 1 } } as const
    const early = await inTest(
      config,
      Effect.raceFirst(Stream.runCollect(withBudgetStream(attempt([]), call)), ticking),
    )
    expect([early, runs]).toEqual([[], 3])
    runs = 0
    const late = await exitInTest(config, Stream.runCollect(withBudgetStream(attempt(['a']), call)))
    expect(Exit.isFailure(late) && Cause.squash(late.cause)).toEqual({ status: 500 })
    expect(runs).toBe(1)
  })

  it('reads no further than its reader', async () => {
    let pulled = 0
    const counted = Stream.fromIterable(Array.from({ length: 50 }, (_, index) => index)).pipe(
      Stream.rechunk(1),
      Stream.tap(() => Effect.sync(() => pulled++)),
    )
    await inTest({}, Stream.runDrain(Stream.take(withBudgetStream(counted, call), 2)))
    expect(pulled).toBeLessThanOrEqual(3)
  })
})

/** Moves the test clock on for as long as it is raced. */
const ticking: Effect.Effect<never> = Effect.forever(Effect.andThen(settled, TestClock.adjust(100)))
