import type { AttemptInfo, HostCall, Opened, Outcome } from '@plimsoll/core'
import { Cause, Context, Effect, Stream } from 'effect'
import { EffectFailure, placed } from './attempt.ts'
import { Leavings } from './leavings.ts'
import { Plimsoll } from './plimsoll.ts'

/** A stream as it passes through the core: its parts, read one at a time, and no further than somebody asks. */
export interface Flow<P> {
  readonly source: AsyncIterator<P>
}

export interface Governed<P, Q, E> {
  readonly call: (open: OpenFlow<P>) => HostCall<Flow<P>, Q>
  /** What its reader sees of an outcome that is no answer. */
  readonly failed: (outcome: Exclude<Outcome<unknown>, { kind: 'ok' }>) => Effect.Effect<never, E>
  /** The same of what goes wrong once it has begun. */
  readonly broken: (thrown: unknown) => Effect.Effect<never, E>
}

/** Opens a stream for one attempt: resolves with its first part. */
export type OpenFlow<P> = <E, R>(
  stream: Stream.Stream<P, E, R>,
  options: { context: Context.Context<R>; signal: AbortSignal; info: AttemptInfo },
) => Promise<Opened<Flow<P>>>

/** A stream's way through the core. Its scope is the stream's: however that ends, the call is over then. */
export function governedStream<P, Q, E>({
  call,
  failed,
  broken,
}: Governed<P, Q, E>): Stream.Stream<P, E, Plimsoll> {
  return Stream.unwrap(
    Effect.gen(function* () {
      const here = yield* (yield* Plimsoll).here
      const caller = new AbortController()
      const leavings = new Leavings()
      let made: Promise<Outcome<Flow<P>>> | undefined
      // Before the call is begun, so that there is no moment in which it could be left and not ended.
      yield* Effect.addFinalizer(() =>
        Effect.promise(async () => {
          caller.abort()
          await made?.catch(() => {})
          await leavings.gone()
        }),
      )
      const outcome = yield* Effect.callback<Outcome<Flow<P>>>((resume) => {
        made = here((core) => core.execute({ ...call(opener(leavings)), signal: caller.signal }))
        made.then(
          (came) => resume(Effect.succeed(came)),
          (thrown: unknown) => resume(Effect.die(thrown)),
        )
      })
      if (outcome.kind !== 'ok') return yield* failed(outcome)
      const { source } = outcome.reply.value
      return Stream.fromAsyncIterable(
        { [Symbol.asyncIterator]: () => source },
        (thrown): { readonly thrown: unknown } => ({ thrown }),
      ).pipe(Stream.catch(({ thrown }) => Stream.fromEffect(broken(thrown))))
    }),
  )
}

function opener<P>(leavings: Leavings): OpenFlow<P> {
  return async (stream, { context, signal, info }) => {
    const spanned = Stream.withSpan(stream, 'plimsoll.attempt', {
      attributes: { 'plimsoll.target': info.target, 'plimsoll.attempt': info.attempt },
    })
    const source = sourceOf(spanned, placed(context), (left) => leavings.add(left, signal))
    const leave = (): void => void source.return?.()
    signal.addEventListener('abort', leave, { once: true })
    const first = await source.next()
    signal.removeEventListener('abort', leave)
    return { value: { source: startingWith(first, source) } }
  }
}

/** The parts of a stream; how it fails is thrown whole. */
function sourceOf<P, E, R>(
  stream: Stream.Stream<P, E, R>,
  context: Context.Context<R>,
  onLeft: (left: Promise<unknown>) => void,
): AsyncIterator<P> {
  const marked = stream.pipe(
    Stream.map((part): Read<P> => ({ part })),
    Stream.catchCause((failed) => Stream.succeed<Read<P>>({ failed })),
  )
  const reads = Stream.toAsyncIterableWith(marked, context)[Symbol.asyncIterator]()
  return {
    async next() {
      const { done, value } = await reads.next()
      if (done === true) return { done, value: undefined }
      if ('failed' in value) throw new EffectFailure(value.failed)
      return { done: false, value: value.part }
    },
    return() {
      const left = Promise.resolve(reads.return?.()).then(() => ({ done: true, value: undefined }) as const)
      onLeft(left)
      return left
    },
  }
}

type Read<P> = { readonly part: P } | { readonly failed: Cause.Cause<unknown> }

function startingWith<P>(first: IteratorResult<P>, source: AsyncIterator<P>): AsyncIterator<P> {
  let held: IteratorResult<P> | undefined = first
  return {
    ...source,
    next() {
      if (held === undefined) return source.next()
      const given = held
      // The end stays the end.
      if (held.done !== true) held = undefined
      return Promise.resolve(given)
    },
  }
}

/** What the core hands around of a stream, and never looks into. */
export function flowOf<P>(parts: Iterable<P>): Flow<P> {
  const iterator = parts[Symbol.iterator]()
  return {
    source: {
      next: async () => iterator.next(),
      return: async () => iterator.return?.() ?? { done: true, value: undefined },
    },
  }
}
