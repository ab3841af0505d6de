import type { Host, PartInfo, Usage } from '@plimsoll/core'
import { errorFacts } from '@plimsoll/core'
import { Effect, Stream } from 'effect'
import { dual } from 'effect/Function'
import { CurrentCall } from './current-call.ts'
import type { PlimsollError } from './error.ts'
import { flowOf, governedStream } from './governed-stream.ts'
import type { Flow, OpenFlow } from './governed-stream.ts'
import { Plimsoll } from './plimsoll.ts'
import { failedWith } from './thrown.ts'
import type { CallInput } from './call-input.ts'
import { spanOf } from './with-budget.ts'

export interface BudgetStreamOptions<A> extends Omit<CallInput, 'deadline'> {
  /**
   * What an element says was used, of the whole answer so far; of several the last counts.
   * @defaultValue none does: the estimate stands
   */
  readonly usage?: (element: A) => Usage | undefined
}

/** An element, or the end, which a stream that broke off does not have. */
type Part<A> = { readonly element: A } | { readonly over: true }

/**
 * Governs a stream: it waits for room, and is settled once it is over, by what its elements say was used.
 *
 * **When to use**: around the one stream that a provider answers with.
 *
 * **Details**: until the first element the core may try it again, or elsewhere; afterwards a failure is the stream's own.
 * Nothing is read that nobody asks for. `take`, an error and an interruption end the call, and settle it at least at its
 * estimate, since nobody knows what the provider counted.
 *
 * **Gotcha**: every element counts as content. Drop keep-alives outside, not before.
 *
 * **Example**
 * ```ts
 * const words = withBudgetStream(answer('Why?'), { target: 'openai/gpt-5-mini', tokens: 900 })
 * ```
 */
export const withBudgetStream: {
  <A>(
    options: BudgetStreamOptions<NoInfer<A>>,
  ): <E, R>(stream: Stream.Stream<A, E, R>) => Stream.Stream<A, E | PlimsollError, R | Plimsoll>
  <A, E, R>(
    stream: Stream.Stream<A, E, R>,
    options: BudgetStreamOptions<NoInfer<A>>,
  ): Stream.Stream<A, E | PlimsollError, R | Plimsoll>
} = dual(2, <A, E, R>(stream: Stream.Stream<A, E, R>, options: BudgetStreamOptions<A>) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const context = yield* Effect.context<R>()
      const attributes = yield* CurrentCall
      const { target, maxOutputTokens } = options
      const parts = Stream.concat(
        Stream.map(stream, (element): Part<A> => ({ element })),
        Stream.succeed<Part<A>>({ over: true }),
      )
      const hostOf = (open: OpenFlow<Part<A>>): Host<Flow<Part<A>>, unknown> => ({
        ...streamHost<A>(options),
        open: (_request, signal, info) => open(parts, { context, signal, info }),
      })
      return governedStream<Part<A>, unknown, E | PlimsollError>({
        call: (open) => ({
          host: hostOf(open),
          // Without one it is known to be like no other.
          request: options.input,
          ...(target !== undefined && { target }),
          attributes,
          maxOutputTokens,
        }),
        failed: (outcome) =>
          outcome.kind === 'aborted' ? failedWith<E>(outcome.reason) : failedWith<E>(outcome.error),
        broken: (thrown) => failedWith<E>(thrown),
      }).pipe(Stream.flatMap((part) => ('element' in part ? Stream.succeed(part.element) : Stream.empty)))
    }),
  ).pipe(Stream.withSpan('plimsoll.call', spanOf(options))),
)

function streamHost<A>({
  input,
  tokens,
  usage,
}: BudgetStreamOptions<A>): Omit<Host<Flow<Part<A>>, unknown>, 'open'> {
  return {
    kind: 'stream',
    segments: () => {
      if (tokens !== undefined) return [{ role: 'user', kind: 'text', text: '', tokens, pinned: true }]
      if (input === undefined) return []
      const text = typeof input === 'string' ? input : (JSON.stringify(input) ?? '')
      return [{ role: 'user', kind: 'text', text, pinned: true }]
    },
    // A stream sends what it likes: there is no request of ours to change.
    withSegments: (request) => request,
    withMark: (request) => request,
    key: (asked) => asked,
    parts: ({ source }) => ({
      kind: 'stream',
      source,
      info: (part) => infoOf(part as Part<A>, usage),
      value: (iterator) => ({ source: iterator as AsyncIterator<Part<A>> }),
    }),
    encode: (_value, parts) => parts,
    decode: (data) => flowOf(data as Part<A>[]),
    message: (text, object) => flowOf<Part<A>>([{ element: (object ?? text) as A }, { over: true }]),
    copy: (value) => value,
    errorFacts,
  }
}

function infoOf<A>(part: Part<A>, usage: BudgetStreamOptions<A>['usage']): PartInfo {
  if ('over' in part) return { finish: 'stop' }
  const used = usageOf(part.element, usage)
  return used === undefined ? { content: true } : { content: true, usage: used }
}

function usageOf<A>(element: A, usage: BudgetStreamOptions<A>['usage']): Usage | undefined {
  try {
    return usage?.(element)
  } catch {
    // The answer is there; what it cost is then estimated, and marked so.
    return undefined
  }
}
