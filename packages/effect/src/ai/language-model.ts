import type { Attributes, HostCall } from '@plimsoll/core'
import { PlimsollError as CoreError } from '@plimsoll/core'
import { Effect, Layer, Stream } from 'effect'
import { LanguageModel } from 'effect/ai'
import { CurrentCall } from '../current-call.ts'
import { fromCore } from '../error.ts'
import type { PlimsollError } from '../error.ts'
import { governedEffect } from '../governed-effect.ts'
import { governedStream } from '../governed-stream.ts'
import { Plimsoll } from '../plimsoll.ts'
import type { PlimsollService } from '../plimsoll.ts'
import { generateHost } from './generate-host.ts'
import type { Answer } from './generate-host.ts'
import { brokenOff, noAnswer } from './refusal.ts'
import { requestOf } from './request.ts'
import type { ModelOptions, ModelRequest } from './request.ts'
import { streamHost } from './stream-host.ts'
import type { StreamPart } from './stream-host.ts'
import { targetOf } from './target.ts'

type Model = LanguageModel.LanguageModel

/** How a model is governed. */
export interface ModelGovernance {
  /** Of the model, such as `openai/gpt-5-mini`. @defaultValue what `Model.make` says of its provider and name */
  readonly target?: string
  /** Of its calls; those of `withCall` win over them. */
  readonly attributes?: Attributes
  /** How long its answers may be, in tokens, as its provider is told. @defaultValue what answers rarely exceed */
  readonly maxOutputTokens?: number
}

/**
 * Takes a `LanguageModel` and gives it back governed: `generateText`, `generateObject` and `streamText` wait for room, are
 * retried, cached and settled by the usage of their `finish` part.
 *
 * **When to use**: directly over a provider's model, below `Chat`, toolkits and everything else.
 *
 * **Details**: refusals are `AiError`s: `RateLimitError` with a `retryAfter`, `QuotaExhaustedError` for someone's own
 * budget, so that retries and `ExecutionPlan`s act on them as on a provider's. Tools run inside of the call: a model that
 * one of them asks borrows its slot. A stream's in-band error before the first content is a failed attempt.
 *
 * **Gotcha**: it does its own retries; one around it multiplies them. What is wrapped twice is charged twice. How long an
 * answer may be, and prompt-cache breakpoints, are for the provider's own options to say: rungs that shorten an answer
 * only reserve less here.
 *
 * **Example**
 * ```ts
 * const Governed = PlimsollLanguageModel.layer({ target: 'openai/gpt-5-mini' }).pipe(
 *   Layer.provide(OpenAi),
 *   Layer.provide(Plimsoll.layer()),
 * )
 * ```
 */
export const layer = (
  governance: ModelGovernance = {},
): Layer.Layer<Model, PlimsollError, Model | Plimsoll> =>
  Layer.effect(
    LanguageModel.LanguageModel,
    Effect.gen(function* () {
      const plimsoll = yield* Plimsoll
      const model = yield* LanguageModel.LanguageModel
      const target = governance.target ?? (yield* targetOf)
      return governed(plimsoll, { ...governance, models: new Map([[target, model]]), target })
    }),
  )

/**
 * One `LanguageModel` out of many: each call goes where its task, its limits and its luck lead.
 *
 * **When to use**: where tasks of the configuration list `targets`, or a call is to go to the first that can answer.
 *
 * **Details**: nothing is kept between calls. The layers are built once, each in a context of its own.
 *
 * **Gotcha**: fails with `InvalidConfig` for no models.
 *
 * **Example**
 * ```ts
 * const Routed = PlimsollLanguageModel.routed({
 *   'openai/gpt-5-mini': OpenAi,
 *   'anthropic/claude-haiku-4-5': Anthropic,
 * })
 * ```
 */
export const routed = <E, R>(
  models: Readonly<Record<string, Layer.Layer<Model, E, R>>>,
  governance: Omit<ModelGovernance, 'target'> = {},
): Layer.Layer<Model, E | PlimsollError, R | Plimsoll> =>
  Layer.effect(
    LanguageModel.LanguageModel,
    Effect.gen(function* () {
      const plimsoll = yield* Plimsoll
      const built = new Map<string, Model>()
      for (const [target, one] of Object.entries(models)) {
        const context = yield* Layer.build(one)
        built.set(target, yield* Effect.provide(LanguageModel.LanguageModel, context))
      }
      if (built.size === 0) return yield* Effect.fail(noModels())
      return governed(plimsoll, { ...governance, models: built })
    }),
  )

interface Governing extends ModelGovernance {
  readonly models: ReadonlyMap<string, Model>
}

/** A model's methods, whatever is in their options. */
type Untyped = (options: unknown) => Effect.Effect<Answer, unknown>
type UntypedStream = (options: unknown) => Stream.Stream<StreamPart, unknown>

function governed(plimsoll: PlimsollService, governing: Governing): Model {
  const modelOf = (target: string): Model => governing.models.get(target)!

  const generate =
    (method: 'generateText' | 'generateObject') =>
    (options: ModelOptions): Effect.Effect<Answer, unknown> =>
      Effect.gen(function* () {
        const context = yield* Effect.context()
        const request = yield* requestOf(options)
        const attributes = yield* CurrentCall
        const outcome = yield* governedEffect<Answer, ModelRequest>((open) => ({
          ...callOf(governing, request, attributes),
          host: generateHost(options.schema, (asked, signal, info) =>
            open((modelOf(info.target)[method] as unknown as Untyped)(asked), { context, signal, info }),
          ),
        }))
        if (outcome.kind !== 'ok') return yield* noAnswer(outcome, method)
        yield* annotated(outcome.reply)
        return outcome.reply.value
      }).pipe(
        Effect.withSpan('plimsoll.call', { attributes: { 'plimsoll.method': method } }),
        Effect.provideService(Plimsoll, plimsoll),
      )

  const streamText = (options: ModelOptions): Stream.Stream<StreamPart, unknown> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const context = yield* Effect.context()
        const request = yield* requestOf(options)
        const attributes = yield* CurrentCall
        return governedStream<StreamPart, ModelRequest, unknown>({
          call: (open) => ({
            ...callOf(governing, request, attributes),
            host: streamHost((asked, signal, info) =>
              open((modelOf(info.target).streamText as unknown as UntypedStream)(asked), {
                context,
                signal,
                info,
              }),
            ),
          }),
          failed: (outcome) => noAnswer(outcome, 'streamText'),
          broken: (thrown) => brokenOff(thrown, 'streamText'),
        })
      }),
    ).pipe(
      Stream.withSpan('plimsoll.call', { attributes: { 'plimsoll.method': 'streamText' } }),
      Stream.provideService(Plimsoll, plimsoll),
    )

  const [any] = governing.models.values()
  // The types of a model's methods follow from their options, which pass through here as they are.
  return {
    ...any,
    generateText: generate('generateText'),
    generateObject: generate('generateObject'),
    streamText,
  } as unknown as Model
}

function callOf(
  { models, target, attributes: defaults = {}, maxOutputTokens }: Governing,
  request: ModelRequest,
  attributes: Attributes,
): Omit<HostCall<never, ModelRequest>, 'host'> {
  return {
    request,
    ...(target !== undefined && { target }),
    targets: [...models.keys()],
    attributes,
    defaults,
    maxOutputTokens,
  }
}

/** Who answered, and what is not as it was asked for, on the call's span. */
function annotated({
  target,
  marks,
}: {
  readonly target: string
  readonly marks: object
}): Effect.Effect<void> {
  const said = Object.fromEntries(Object.entries(marks).map(([name, value]) => [`plimsoll.${name}`, value]))
  return Effect.annotateCurrentSpan({ 'plimsoll.target': target, ...said })
}

function noModels(): PlimsollError {
  const message = 'A routed model needs at least one model to choose.'
  return fromCore(new CoreError({ code: 'invalid-config', message }))
}
