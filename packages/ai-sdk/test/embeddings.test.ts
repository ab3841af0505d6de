import { createOpenAI } from '@ai-sdk/openai'
import { PlimsollError } from '@plimsoll/core'
import { embed, embedMany, wrapEmbeddingModel } from 'ai'
import { MockEmbeddingModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { plimsollEmbeddingMiddleware, withPlimsoll } from '../src/index.ts'
import { holdSlot, listening, NOTHING_LEFT, rejection, startFake, until } from './support.ts'

const TARGET = 'openai/text-embedding-3-small'

describe('embeddings', () => {
  it('are settled by their usage, and give what they give without us', async () => {
    await using server = await startFake()
    const host = listening()
    const bare = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' }).embedding(
      'text-embedding-3-small',
    )
    const middleware = plimsollEmbeddingMiddleware(host.plimsoll, { tenant: 'acme' })
    const model = wrapEmbeddingModel({ model: bare, middleware })
    const expected = await embed({ model: bare, value: 'Hello' })
    const { embedding, usage, providerMetadata } = await embed({ model, value: 'Hello' })
    expect({ embedding, usage }).toEqual({ embedding: expected.embedding, usage: expected.usage })
    expect(providerMetadata).toEqual({ plimsoll: { target: TARGET } })
    expect(host.records).toMatchObject([
      {
        target: TARGET,
        usage: { inputTokens: usage.tokens },
        estimated: false,
        attributes: { tenant: 'acme' },
      },
    ])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('of many values are a call for each request', async () => {
    const host = listening()
    const bare = new MockEmbeddingModelV4({
      doEmbed: embedEach,
      maxEmbeddingsPerCall: 2,
      supportsParallelCalls: true,
    })
    const model = wrapEmbeddingModel({ model: bare, middleware: plimsollEmbeddingMiddleware(host.plimsoll) })
    const { embeddings, usage } = await embedMany({ model, values: ['a', 'b', 'c', 'd', 'e'] })
    expect(embeddings).toHaveLength(5)
    expect(usage).toEqual({ tokens: 5 })
    expect(host.records).toHaveLength(3)
  })

  it('without usage are settled by the estimate, and their result is no worse than without us', async () => {
    await using server = await startFake({ faults: [{ kind: 'missing-usage', times: 2 }] })
    const host = listening()
    const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
    const value = 'A text of several words, to be counted here'
    const bare = await embed({ model: openai.embedding('text-embedding-3-small'), value })
    const governed = await embed({
      model: withPlimsoll(openai, host.plimsoll).embedding('text-embedding-3-small'),
      value,
    })
    expect(governed.usage).toEqual(bare.usage)
    expect(governed.usage).toEqual({ tokens: NaN })
    expect(governed.providerMetadata).toEqual({ plimsoll: { target: TARGET, estimated: true } })
    const [record] = host.records
    expect(record).toMatchObject({ estimated: true, outcome: 'finished' })
    expect(record?.usage.inputTokens).toBeGreaterThan(5)
    expect(host.of('budget.settled')).toMatchObject([{ certainty: 'at-least' }])
  })

  it('leave the queue when their caller does', async () => {
    const host = listening({ targets: { [TARGET]: { limits: { concurrency: 1 } } } })
    const release = await holdSlot(host.plimsoll, TARGET)
    const openai = createOpenAI({ baseURL: 'http://127.0.0.1:9/v1', apiKey: 'k' })
    const model = withPlimsoll(openai, host.plimsoll).embedding('text-embedding-3-small')
    const caller = new AbortController()
    const call = rejection(embed({ model, value: 'Hello', abortSignal: caller.signal }))
    await until(() => host.plimsoll.state().waiting === 1)
    caller.abort(new Error('gone'))
    expect(await call).toMatchObject({ message: 'gone' })
    release()
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('are refused before they are sent', async () => {
    const host = listening({ targets: { 'mock-provider/mock-model-id': { limits: { tpm: 1 } } } })
    const bare = new MockEmbeddingModelV4()
    const model = wrapEmbeddingModel({ model: bare, middleware: plimsollEmbeddingMiddleware(host.plimsoll) })
    const error = await rejection(embed({ model, value: 'Hello there', maxRetries: 2 }))
    expect(PlimsollError.find(error)).toMatchObject({ code: 'too-large' })
    expect(host.records).toHaveLength(1)
    expect(bare.doEmbedCalls).toHaveLength(0)
  })
})

async function embedEach({ values }: { values: string[] }) {
  return { embeddings: values.map(() => [1]), usage: { tokens: values.length }, warnings: [] }
}
