import {
  Clock,
  Config,
  ConfigProvider,
  Effect,
  Exit,
  Fiber,
  Layer,
  Metric,
  Schema,
  Scope,
  Tracer,
} from 'effect'
import type { Duration } from 'effect'
import { describe, expect, it } from 'vitest'
import { createPlimsoll } from '@plimsoll/core'
import {
  decide,
  headroom,
  Plimsoll,
  PlimsollError,
  report,
  reserve,
  withBudget,
  withCall,
} from '../src/index.ts'
import { inTest, listener, NOTHING_LEFT, settled, state, TARGET } from './support.ts'

const one = { targets: { [TARGET]: { limits: { concurrency: 1 } } } } as const
const call = { target: TARGET, tokens: 10 } as const
const used = () => ({ inputTokens: 7, outputTokens: 3 })

describe('the layer', () => {
  it('fails for a configuration that makes no sense, and names the field', async () => {
    const wrong = Layer.build(Plimsoll.layer({ leaseMs: -1 })).pipe(Effect.scoped, Effect.flip)
    const error = await Effect.runPromise(wrong)
    expect(error.reason._tag).toBe('InvalidConfig')
    expect(error.message).toContain('leaseMs')
  })

  it('takes parts of its configuration from the environment', async () => {
    const layer = Plimsoll.layerConfig({
      leaseMs: Config.Number('LEASE'),
      targets: Config.succeed({ [TARGET]: { limits: { rpm: 5 } } }),
    })
    const left = headroom(TARGET).pipe(Effect.provide(layer))
    const from = (env: Record<string, string>) =>
      Effect.runPromiseExit(
        Effect.provideService(left, ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })),
      )
    const given = await from({ LEASE: '1000' })
    expect(Exit.isSuccess(given) && given.value.limits[0]?.capacity).toBe(5)
    expect(Exit.isFailure(await from({}))).toBe(true)
  })

  it('refuses whoever waits when its scope closes, and leaves no timer behind', async () => {
    const error = await Effect.runPromise(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const context = yield* Layer.buildWithScope(Plimsoll.layer(one), scope)
        const holding = yield* Effect.forkChild(Effect.provide(withBudget(Effect.never, call), context))
        yield* Effect.sleep(5)
        const waiting = yield* Effect.forkChild(
          Effect.flip(Effect.provide(withBudget(Effect.void, call), context)),
        )
        yield* Effect.sleep(5)
        yield* Scope.close(scope, Exit.void)
        const refused = yield* Fiber.join(waiting)
        yield* Fiber.interrupt(holding)
        return refused
      }),
    )
    expect(error).toMatchObject({ _tag: 'PlimsollError', reason: { _tag: 'Closed' } })
  })

  it('sleeps no more once its scope is closed', async () => {
    const live = Clock.Clock.defaultValue()
    let asleep = 0
    const counting: Clock.Clock = Object.assign(Object.create(live) as Clock.Clock, {
      sleep: (duration: Duration.Duration) =>
        Effect.acquireUseRelease(
          Effect.sync(() => asleep++),
          () => live.sleep(duration),
          () => Effect.sync(() => void asleep--),
        ),
    })
    const before = await Effect.runPromise(
      Effect.gen(function* () {
        yield* Effect.scoped(reserve(call))
        yield* withBudget(Effect.void, call)
        yield* Effect.forkDetach(withBudget(Effect.never, call))
        yield* Effect.yieldNow
        return asleep
      }).pipe(Effect.provide(Plimsoll.layer(one)), Effect.provideService(Clock.Clock, counting)),
    )
    expect(before).toBeGreaterThan(0)
    await expect.poll(() => asleep).toBe(0)
  })

  it('may be over a core that the program has already, and leaves it open', async () => {
    const core = createPlimsoll(one)
    const held = core.reserve({ target: TARGET })
    const waiting = await Effect.runPromise(
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(withBudget(Effect.succeed('done'), call))
        yield* Effect.sleep(5)
        const seen = core.state()
        held.cancel()
        return [seen.waiting, yield* Fiber.join(fiber)]
      }).pipe(Effect.provide(Plimsoll.layerCore(core))),
    )
    expect(waiting).toEqual([1, 'done'])
    expect(core.reserve({ target: TARGET }).state).toBe('granted')
  })
})

describe('an error', () => {
  it('is encoded and decoded as any schema is, without its cause', async () => {
    const error = await inTest(
      { targets: { [TARGET]: { limits: { tpm: 5 } } } },
      Effect.flip(withBudget(Effect.void, call)),
    )
    const encoded = Schema.encodeSync(PlimsollError)(error)
    expect(JSON.stringify(encoded)).not.toContain('cause')
    expect(Schema.decodeUnknownSync(PlimsollError)(encoded).reason).toMatchObject({
      _tag: 'TooLarge',
      attempts: 0,
    })
  })
})

describe('asking', () => {
  it('tells what would happen, and takes nothing', async () => {
    const [now, later, left] = await inTest(
      one,
      Effect.gen(function* () {
        const first = yield* decide(call)
        yield* reserve(call)
        return [first, yield* decide(call), yield* state] as const
      }),
    )
    expect([now.kind, later.kind]).toEqual(['process', 'queue'])
    expect(left.reservations).toBe(1)
  })

  it('fails with a mistake in the call as one error', async () => {
    const error = await inTest(one, Effect.flip(decide({ target: TARGET, tokens: Number.NaN })))
    expect(error.reason._tag).toBe('InvalidCall')
  })

  it('tells what is left of the budgets of whoever calls', async () => {
    const config = { budgets: [{ per: 'tenant', rpm: 3 }] } as const
    const left = await inTest(
      config,
      Effect.gen(function* () {
        yield* withBudget(Effect.void, call).pipe(withCall({ tenant: 'acme' }))
        const of = (tenant: string) =>
          Effect.map(
            headroom(TARGET).pipe(withCall({ tenant })),
            ({ limits }) => limits.find(({ key }) => key.startsWith('budget:'))?.available,
          )
        return [yield* of('acme'), yield* of('other')]
      }),
    )
    expect(left).toEqual([2, 3])
  })

  it('reports what calls came to', async () => {
    const rows = await inTest(
      {},
      Effect.gen(function* () {
        for (const tenant of ['a', 'b', 'a'])
          yield* withBudget(Effect.void, { ...call, usage: used }).pipe(withCall({ tenant }))
        return (yield* report({ by: 'tenant' })).rows
      }),
    )
    expect(rows.map(({ requests, inputTokens }) => [requests, inputTokens])).toEqual([
      [2, 14],
      [1, 7],
    ])
  })
})

describe('a reservation', () => {
  it('settles at its estimate where its scope closes without a word', async () => {
    const { events, onEvent } = listener()
    const left = await inTest({ onEvent }, Effect.andThen(Effect.scoped(reserve(call)), state))
    expect(left).toEqual(NOTHING_LEFT)
    expect(events.filter(({ type }) => type === 'budget.settled')).toMatchObject([{ certainty: 'at-least' }])
  })

  it('settles once, by what is said first', async () => {
    const { events, onEvent } = listener()
    await inTest(
      { onEvent },
      Effect.scoped(
        Effect.gen(function* () {
          const room = yield* reserve(call)
          yield* room.settle(used())
          yield* room.cancel
        }),
      ),
    )
    const closed = events.filter(({ type }) => type === 'budget.settled' || type === 'budget.cancelled')
    expect(closed).toMatchObject([{ usage: used(), certainty: 'exact' }])
  })

  it('that is waited for no longer leaves the queue, whatever its scope', async () => {
    const left = await inTest(
      one,
      Effect.gen(function* () {
        yield* reserve(call)
        yield* Effect.raceFirst(reserve(call), settled)
        return yield* state
      }),
    )
    expect(left).toEqual({ waiting: 0, reservations: 1 })
  })

  it('lets the next in once its slot is free', async () => {
    const states = await inTest(
      one,
      Effect.gen(function* () {
        const room = yield* reserve(call)
        const next = yield* Effect.forkChild(Effect.scoped(reserve(call)))
        yield* settled
        const before = yield* state
        yield* room.releaseSlots
        yield* Fiber.join(next)
        return [before.waiting, (yield* state).waiting]
      }),
    )
    expect(states).toEqual([1, 0])
  })
})

describe('what is told', () => {
  it('is in metrics, by target and outcome', async () => {
    const snapshot = await Effect.runPromise(
      Effect.gen(function* () {
        yield* withBudget(Effect.void, { ...call, usage: used })
        yield* Effect.exit(withBudget(Effect.fail({ status: 400 }), call))
        return yield* Metric.snapshot
      }).pipe(Effect.provide(Plimsoll.layer()), Effect.provideService(Metric.MetricRegistry, new Map())),
    )
    const counts = snapshot.flatMap(({ id, attributes, state: of }) =>
      'count' in of && id.startsWith('plimsoll.') ? [[id, { ...attributes }, Number(of.count)]] : [],
    )
    expect(counts).toContainEqual(['plimsoll.calls', { target: TARGET, outcome: 'finished' }, 1])
    expect(counts).toContainEqual(['plimsoll.calls', { target: TARGET, outcome: 'failed' }, 1])
    expect(counts).toContainEqual(['plimsoll.failures', { target: TARGET, class: 'invalid-request' }, 1])
    expect(counts).toContainEqual(['plimsoll.tokens', { target: TARGET, direction: 'output' }, 3])
    expect(counts).toContainEqual(['plimsoll.queue_ms', { target: TARGET }, 2])
  })

  it('is in spans: a call, and inside it each attempt with what that did', async () => {
    const spans: Tracer.Span[] = []
    const tracer = Tracer.make({
      span(options) {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      },
    })
    await inTest(
      {},
      withBudget(Effect.void.pipe(Effect.withSpan('mine')), call).pipe(
        Effect.provideService(Tracer.Tracer, tracer),
      ),
    )
    expect(spans.map(({ name }) => name)).toEqual(['plimsoll.call', 'plimsoll.attempt', 'mine'])
    const [outer, attempt, mine] = spans as [Tracer.Span, Tracer.Span, Tracer.Span]
    expect(attempt.parent).toMatchObject({ value: { spanId: outer.spanId } })
    expect(mine.parent).toMatchObject({ value: { spanId: attempt.spanId } })
    expect(Object.fromEntries(attempt.attributes)).toEqual({
      'plimsoll.target': TARGET,
      'plimsoll.attempt': 1,
    })
  })
})
