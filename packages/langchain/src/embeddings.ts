import type { Embeddings } from '@langchain/core/embeddings'
import { AsyncCaller } from '@langchain/core/utils/async_caller'
import type { Attributes, Plimsoll } from '@plimsoll/core'
import { providerId } from '@plimsoll/core'
import { defined } from './attributes.ts'
import { embedHost } from './embed-host.ts'
import { thrownFor } from './thrown.ts'

/**
 * Governs an embedding model: its requests wait for room in the limits and budgets, each as a call of its own.
 *
 * ```ts
 * const embeddings = withPlimsollEmbeddings(new OpenAIEmbeddings({ model: 'text-embedding-3-small' }), plimsoll)
 * const store = await MemoryVectorStore.fromDocuments(documents, embeddings)
 * ```
 * What comes back has the model's type and class. Documents are sent in batches of its `batchSize`, as it sends them itself;
 * LangChain's own retries are off.
 *
 * **Gotcha**: embeddings of LangChain say nothing of their usage: their calls are settled by what was estimated. Nor do they
 * take a signal; nobody can leave the queue.
 *
 * @param attributes of every call made through it. `plimsoll.with` around a call wins over them.
 * @throws {PlimsollLangChainError} (the call) as for `withPlimsoll`
 */
export function withPlimsollEmbeddings<E extends Embeddings>(
  embeddings: E,
  plimsoll: Plimsoll,
  attributes: Attributes = {},
): E {
  const defaults = defined(attributes)
  const model = once(embeddings)
  const target = targetOf(embeddings)

  async function embed(texts: readonly string[], send: (texts: string[]) => Promise<number[][]>) {
    const asked = { texts, model: target, dimensions: dimensionsOf(embeddings) }
    const host = embedHost(send, target.slice(target.indexOf('/') + 1))
    const outcome = await plimsoll.execute({ host, request: asked, target, targets: [target], defaults })
    if (outcome.kind === 'ok') return outcome.reply.value
    throw thrownFor(outcome, target)
  }

  async function embedDocuments(documents: string[]): Promise<number[][]> {
    const { batchSize = documents.length } = embeddings as { batchSize?: number }
    const size = Math.max(1, batchSize)
    const batches = Array.from({ length: Math.ceil(documents.length / size) }, (_, index) =>
      documents.slice(index * size, (index + 1) * size),
    )
    const vectors = await Promise.all(
      batches.map((batch) => embed(batch, (texts) => model.embedDocuments(texts))),
    )
    return vectors.flat()
  }

  async function embedQuery(document: string): Promise<number[]> {
    const [vector] = await embed([document], async ([text = '']) => [await model.embedQuery(text)])
    return vector!
  }

  const methods: Readonly<Record<PropertyKey, unknown>> = { embedDocuments, embedQuery }
  return new Proxy(embeddings, {
    get: (of, name, receiver) =>
      Object.hasOwn(methods, name) ? methods[name] : Reflect.get(of, name, receiver),
  })
}

/** The same model without retries of its own, which are no option of a call. */
function once<E extends Embeddings>(embeddings: E): E {
  const { maxConcurrency = Infinity } = embeddings.caller as unknown as { maxConcurrency?: number }
  const caller = new AsyncCaller({ maxRetries: 0, maxConcurrency })
  return new Proxy(embeddings, {
    get: (of, name, receiver) => (name === 'caller' ? caller : Reflect.get(of, name, receiver)),
  })
}

/** `OpenAIEmbeddings` is OpenAI's; there is no other word for it. */
function targetOf(embeddings: Embeddings): string {
  const { model, modelName } = embeddings as { model?: unknown; modelName?: unknown }
  const provider = providerId(embeddings.constructor.name.replace(/Embeddings$/, ''))
  return `${provider}/${String(model ?? modelName ?? 'unknown')}`
}

function dimensionsOf(embeddings: Embeddings): unknown {
  return (embeddings as { dimensions?: unknown }).dimensions
}
