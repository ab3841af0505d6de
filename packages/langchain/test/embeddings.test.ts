import { OpenAIEmbeddings } from '@langchain/openai'
import { PlimsollError } from '@plimsoll/core'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { describe, expect, it } from 'vitest'
import { withPlimsollEmbeddings } from '../src/index.ts'
import { listening, NOTHING_LEFT, rejection, startFake } from './support.ts'

function bare({ url }: FakeProvider, options = {}): OpenAIEmbeddings {
  return new OpenAIEmbeddings({
    model: 'e',
    apiKey: 'k',
    configuration: { baseURL: `${url}/v1` },
    ...options,
  })
}

describe('governed embeddings', () => {
  it('are those of the bare model, of its class, and recorded by tenant', async () => {
    await using server = await startFake()
    const host = listening()
    const embeddings = withPlimsollEmbeddings(bare(server), host.plimsoll, { tenant: 'acme', user: 'ada' })
    expect(embeddings).toBeInstanceOf(OpenAIEmbeddings)
    const texts = ['one', 'two', 'three']
    await host.plimsoll.with({ user: 'bob' }, async () => {
      expect(await embeddings.embedDocuments(texts)).toEqual(await bare(server).embedDocuments(texts))
      expect(await embeddings.embedQuery('one')).toEqual(await bare(server).embedQuery('one'))
    })
    expect(host.records).toHaveLength(2)
    for (const record of host.records)
      expect(record).toMatchObject({
        target: 'openai/e',
        outcome: 'finished',
        estimated: true,
        attributes: { tenant: 'acme', user: 'bob' },
      })
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('are a call for each request, and wait for room', async () => {
    await using server = await startFake()
    const host = listening({ targets: { 'openai/e': { limits: { concurrency: 1 } } } })
    const embeddings = withPlimsollEmbeddings(
      bare(server, { batchSize: 2, maxConcurrency: 9 }),
      host.plimsoll,
    )
    expect(await embeddings.embedDocuments(['a', 'b', 'c', 'd', 'e'])).toHaveLength(5)
    expect(server.stats().total).toMatchObject({ received: 3, peakInFlight: 1 })
    expect(host.records).toHaveLength(3)
    expect(await embeddings.embedDocuments([])).toEqual([])
  })

  it('are tried again by Plimsoll alone', async () => {
    await using server = await startFake({ faults: [{ kind: 'server-error', rate: 1 }] })
    const host = listening()
    const error = await rejection(withPlimsollEmbeddings(bare(server), host.plimsoll).embedQuery('a'))
    const refusal = PlimsollError.find(error)
    expect(refusal).toMatchObject({ code: 'provider-failed' })
    expect(server.stats().total.received).toBe(refusal?.attempts)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('are refused before they are sent', async () => {
    await using server = await startFake()
    const host = listening({ targets: { 'openai/e': { limits: { tpm: 2 } } } })
    const embeddings = withPlimsollEmbeddings(bare(server), host.plimsoll)
    const error = await rejection(embeddings.embedDocuments(['a long text, and more of it '.repeat(50)]))
    expect(PlimsollError.find(error)).toMatchObject({ code: 'too-large' })
    expect(server.stats().total.received).toBe(0)
  })

  it('are kept, where their task says so', async () => {
    await using server = await startFake()
    const { plimsoll } = listening({ tasks: { index: { cache: { ttlMs: 60_000 } } } })
    const embeddings = withPlimsollEmbeddings(bare(server), plimsoll, { task: 'index' })
    const first = await embeddings.embedQuery('a')
    expect(await embeddings.embedQuery('a')).toEqual(first)
    expect(server.stats().total.received).toBe(1)
  })
})
