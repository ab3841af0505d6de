import type { AttemptInfo, Attributes, Plimsoll } from '@plimsoll/core'
import { PlimsollError } from '@plimsoll/core'
import { generateHost } from './generate-host.ts'
import { lengthOf } from './governor.ts'
import { endSoFar, markedStream, withMarks } from './marks.ts'
import { toSend } from './options.ts'
import { replyThrough } from './reply-of.ts'
import { iteratorOf, streamOf } from './stream.ts'
import { streamHost } from './stream-host.ts'
import type { Generating, Streaming } from './structural.ts'
import { urlsOfAll } from './supported-urls.ts'
import type { SupportedUrls } from './supported-urls.ts'
import type { GenerateResult, LanguageModel, LanguageRequest, StreamPart, StreamResult } from './versions.ts'

/** A language model of AI SDK 6 or 7, as much of it as can be said of both. */
export type Routable = Generating<never, unknown> &
  Streaming<never, unknown> & {
    readonly specificationVersion: string
    readonly supportedUrls: unknown
  }

/** A language model of the same version as those that it chooses among. */
export type RoutedModel<M extends Routable> = Pick<
  M,
  'specificationVersion' | 'provider' | 'modelId' | 'supportedUrls' | 'doGenerate' | 'doStream'
>

/**
 * One language model out of many. Each call goes to the one that its task, its limits and its luck lead to:
 *
 * ```ts
 * const model = routedModel(plimsoll, {
 *   'openai/gpt-5-mini': openai('gpt-5-mini'),
 *   'anthropic/claude-haiku-4-5': anthropic('claude-haiku-4-5'),
 * })
 * await generateText({ model, prompt })
 * ```
 * A call whose task lists no `targets` goes to the first that can answer. The answer says which one gave it
 * (`response.modelId`, `providerMetadata.plimsoll.target`). Nothing is kept between calls.
 *
 * @param models by target id, as `targets` of the configuration has them; all of one version of the AI SDK
 * @param attributes as for `plimsollMiddleware`
 * @throws {PlimsollError} `invalid-config` for no models, and for models of two versions
 */
export function routedModel<M extends Routable>(
  plimsoll: Plimsoll,
  models: Readonly<Record<string, M>>,
  attributes: Attributes = {},
): RoutedModel<M> {
  const targets = Object.keys(models)
  const version = versionOf(Object.values(models))
  const replyOf = replyThrough(plimsoll, attributes)

  function modelOf({ target }: AttemptInfo): LanguageModel {
    // Whatever version they are of, requests of theirs are what they are given.
    return models[target] as unknown as LanguageModel
  }

  const routed = {
    specificationVersion: version,
    provider: 'plimsoll',
    modelId: targets.join('|'),
    get supportedUrls(): PromiseLike<Record<string, RegExp[]>> {
      const all = Object.values(models).map(
        async ({ supportedUrls }) => (await supportedUrls) as SupportedUrls,
      )
      return Promise.all(all).then(urlsOfAll)
    },

    async doGenerate(params: LanguageRequest): Promise<GenerateResult> {
      const host = generateHost(async (asked, signal, attempt) => {
        const model = modelOf(attempt)
        const by = { plimsoll, target: attempt.target, ...lengthOf(attempt) }
        return named(await model.doGenerate(toSend(asked, signal, by)), model)
      })
      const reply = await replyOf({ params, host, models: { targets } })
      return withMarks(reply.value, reply, await endSoFar(reply))
    },

    async doStream(params: LanguageRequest): Promise<StreamResult> {
      const host = streamHost(async (asked, signal, attempt) => {
        const model = modelOf(attempt)
        const by = { plimsoll, target: attempt.target, ...lengthOf(attempt) }
        return namedStream(await model.doStream(toSend(asked, signal, by)), model)
      })
      const reply = await replyOf({ params, host, models: { targets } })
      return { ...reply.value, stream: markedStream(reply) }
    },
  }
  return routed as unknown as RoutedModel<M>
}

function versionOf(models: readonly Routable[]): string {
  const versions = new Set(models.map(({ specificationVersion }) => specificationVersion))
  const [version] = versions
  if (version !== undefined && versions.size === 1) return version
  const message =
    version === undefined
      ? 'A routed model needs at least one model to choose.'
      : `The models are of ${[...versions].join(' and ')}: take all from the same version of the AI SDK.`
  throw new PlimsollError({ code: 'invalid-config', message })
}

/** The host would take an answer that names no model for one of the router itself. */
function named(result: GenerateResult, { modelId }: LanguageModel): GenerateResult {
  return result.response?.modelId === undefined
    ? { ...result, response: { ...result.response, modelId } }
    : result
}

/** The same of a stream, by a part of its own where the model sends none. */
function namedStream(result: StreamResult, { modelId }: LanguageModel): StreamResult {
  const source = iteratorOf(result.stream)
  let isNamed = false
  let held: StreamPart | undefined
  const stream = streamOf<StreamPart>({
    async next() {
      if (held !== undefined) {
        const value = held
        held = undefined
        return { done: false, value }
      }
      const read = await source.next()
      if (read.done === true || isNamed || read.value.type === 'stream-start') return read
      isNamed = true
      if (read.value.type === 'response-metadata')
        return { done: false, value: { ...read.value, modelId: read.value.modelId ?? modelId } }
      held = read.value
      return { done: false, value: { type: 'response-metadata', modelId } }
    },
    async return(reason?: unknown) {
      return (await source.return?.(reason)) ?? { done: true, value: undefined }
    },
  })
  return { ...result, stream }
}
