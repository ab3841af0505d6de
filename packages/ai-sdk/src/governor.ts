import type { Attributes, Host, Plimsoll, Reply } from '@plimsoll/core'
import { providerId } from '@plimsoll/core'
import { embedHost } from './embed-host.ts'
import { generateHost } from './generate-host.ts'
import { endSoFar, withMarks } from './marks.ts'
import { forwardedAttributes, isGoverned, toSend } from './options.ts'
import type { Params } from './options.ts'
import { mapStream } from './stream.ts'
import { streamHost } from './stream-host.ts'
import { thrownFor } from './thrown.ts'
import type {
  EmbeddingModel,
  EmbeddingRequest,
  EmbeddingResult,
  GenerateResult,
  LanguageModel,
  LanguageRequest,
  StreamPart,
  StreamResult,
} from './versions.ts'

/** The three kinds of call that a model of the AI SDK can be asked for, each under `plimsoll`. */
export interface Governor {
  generate(model: LanguageModel, params: LanguageRequest): Promise<GenerateResult>
  stream(model: LanguageModel, params: LanguageRequest): Promise<StreamResult>
  embed(model: EmbeddingModel, params: EmbeddingRequest): Promise<EmbeddingResult>
}

/** The one edge between outcomes and the AI SDK, which knows only answers and errors. */
export function governor(plimsoll: Plimsoll, attributes: Attributes): Governor {
  const bound = defined(attributes)

  /** @throws what `thrownFor` makes of it */
  async function replyOf<T, Q extends Params>(
    params: Q,
    host: Host<T, Q>,
    target: string,
  ): Promise<Reply<T>> {
    const outcome = await plimsoll.execute({
      host,
      request: params,
      target,
      defaults: bound,
      forwarded: forwardedAttributes(params.providerOptions),
      maxOutputTokens: params.maxOutputTokens,
      signal: params.abortSignal,
    })
    if (outcome.kind === 'ok') return outcome.reply
    throw thrownFor(outcome, target)
  }

  return {
    async generate(model, params) {
      const by = { plimsoll, target: targetOf(model) }
      if (isGoverned(params, by)) return model.doGenerate(params)
      const host = generateHost((asked, signal) => model.doGenerate(toSend(asked, signal, by)))
      const reply = await replyOf(params, host, by.target)
      return withMarks(reply.value, reply, await endSoFar(reply))
    },

    async stream(model, params) {
      const by = { plimsoll, target: targetOf(model) }
      if (isGoverned(params, by)) return model.doStream(params)
      const host = streamHost((asked, signal) => model.doStream(toSend(asked, signal, by)))
      const reply = await replyOf(params, host, by.target)
      return { ...reply.value, stream: markedStream(reply) }
    },

    async embed(model, params) {
      const by = { plimsoll, target: targetOf(model) }
      if (isGoverned(params, by)) return model.doEmbed(params)
      const host = embedHost((asked, signal) => model.doEmbed(toSend(asked, signal, by)))
      const reply = await replyOf(params, host, by.target)
      return withMarks(reply.value, reply, await endSoFar(reply))
    },
  }
}

function targetOf({ provider, modelId }: { readonly provider: string; readonly modelId: string }): string {
  return `${providerId(provider)}/${modelId}`
}

function markedStream(reply: Reply<StreamResult>): ReadableStream<StreamPart> {
  return mapStream(reply.value.stream, async (part) =>
    part.type === 'finish' ? withMarks(part, reply, await endSoFar(reply)) : part,
  )
}

function defined(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}
