import type { AttemptInfo, Attributes, Plimsoll } from '@plimsoll/core'
import { providerId } from '@plimsoll/core'
import { embedHost } from './embed-host.ts'
import { generateHost } from './generate-host.ts'
import { endSoFar, markedStream, withMarks } from './marks.ts'
import { isGoverned, toSend } from './options.ts'
import { replyThrough } from './reply-of.ts'
import { streamHost } from './stream-host.ts'
import type {
  EmbeddingModel,
  EmbeddingRequest,
  EmbeddingResult,
  GenerateResult,
  LanguageModel,
  LanguageRequest,
  StreamResult,
} from './versions.ts'

/** The three kinds of call that a model of the AI SDK can be asked for, each under `plimsoll`. */
export interface Governor {
  generate(model: LanguageModel, params: LanguageRequest): Promise<GenerateResult>
  stream(model: LanguageModel, params: LanguageRequest): Promise<StreamResult>
  embed(model: EmbeddingModel, params: EmbeddingRequest): Promise<EmbeddingResult>
}

export function governor(plimsoll: Plimsoll, attributes: Attributes): Governor {
  const replyOf = replyThrough(plimsoll, attributes)
  return {
    async generate(model, params) {
      const by = { plimsoll, target: targetOf(model) }
      if (isGoverned(params, by)) return model.doGenerate(params)
      const host = generateHost((asked, signal, attempt) =>
        model.doGenerate(toSend(asked, signal, { ...by, ...lengthOf(attempt) })),
      )
      const reply = await replyOf({ params, host, models: by })
      return withMarks(reply.value, reply, await endSoFar(reply))
    },

    async stream(model, params) {
      const by = { plimsoll, target: targetOf(model) }
      if (isGoverned(params, by)) return model.doStream(params)
      const host = streamHost((asked, signal, attempt) =>
        model.doStream(toSend(asked, signal, { ...by, ...lengthOf(attempt) })),
      )
      const reply = await replyOf({ params, host, models: by })
      return { ...reply.value, stream: markedStream(reply) }
    },

    async embed(model, params) {
      const by = { plimsoll, target: targetOf(model) }
      if (isGoverned(params, by)) return model.doEmbed(params)
      const host = embedHost((asked, signal) => model.doEmbed(toSend(asked, signal, by)))
      const reply = await replyOf({ params, host, models: by })
      return withMarks(reply.value, reply, await endSoFar(reply))
    },
  }
}

function targetOf({ provider, modelId }: { readonly provider: string; readonly modelId: string }): string {
  return `${providerId(provider)}/${modelId}`
}

export function lengthOf({ maxOutputTokens }: AttemptInfo): { maxOutputTokens?: number } {
  return maxOutputTokens === undefined ? {} : { maxOutputTokens }
}
