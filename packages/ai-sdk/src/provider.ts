import type { Attributes, Plimsoll } from '@plimsoll/core'
import { governor } from './governor.ts'
import type { Governor } from './governor.ts'
import { standIn } from './stand-in.ts'
import type { EmbeddingModel, LanguageModel } from './versions.ts'

/**
 * Governs all language and embedding models of a provider, whichever of its functions makes them. What else it has
 * (tools, images, speech) is as before, and so are its types.
 *
 * ```ts
 * const models = withPlimsoll(openai, plimsoll, { tenant: 'acme' })
 * await generateText({ model: models('gpt-5-mini'), prompt })
 * await embed({ model: models.embedding('text-embedding-3-small'), value })
 * ```
 *
 * @param attributes as for `plimsollMiddleware`
 */
export function withPlimsoll<P extends object>(
  provider: P,
  plimsoll: Plimsoll,
  attributes: Attributes = {},
): P {
  const govern = governor(plimsoll, attributes)
  return standIn(provider, {
    property: (_name, value) => (typeof value === 'function' ? factory(value, provider, govern) : value),
    call: (args) => governedModel(Reflect.apply(provider as () => unknown, undefined, args), govern),
  })
}

function factory(make: object, provider: object, govern: Governor): object {
  return standIn(make, {
    property: (_name, value) => value,
    call: (args) => governedModel(Reflect.apply(make as () => unknown, provider, args), govern),
  })
}

function governedModel(made: unknown, govern: Governor): unknown {
  if (isLanguageModel(made)) {
    const methods: Methods = {
      doGenerate: (params: Parameters<Governor['generate']>[1]) => govern.generate(made, params),
      doStream: (params: Parameters<Governor['stream']>[1]) => govern.stream(made, params),
    }
    return withMethods(made, methods)
  }
  if (isEmbeddingModel(made)) {
    return withMethods(made, {
      doEmbed: (params: Parameters<Governor['embed']>[1]) => govern.embed(made, params),
    })
  }
  return made
}

type Methods = Readonly<Record<string, unknown>>

function withMethods(model: object, methods: Methods): object {
  return standIn(model, {
    property: (name, value) => {
      if (typeof name === 'string' && Object.hasOwn(methods, name)) return methods[name]
      return typeof value === 'function' ? value.bind(model) : value
    },
  })
}

/** Images and speech have a `doGenerate` too, transcription even a `doStream`: only language models take URLs. */
function isLanguageModel(value: unknown): value is LanguageModel {
  return hasMethods(value, 'doGenerate', 'doStream') && 'supportedUrls' in value
}

function isEmbeddingModel(value: unknown): value is EmbeddingModel {
  return hasMethods(value, 'doEmbed')
}

function hasMethods(value: unknown, ...names: string[]): value is object {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}
