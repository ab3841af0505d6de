import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { Attributes } from '@plimsoll/core'
import { embed, generateText, streamText, ToolLoopAgent, wrapLanguageModel } from 'ai'
import { MockEmbeddingModelV4, MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { plimsollMiddleware, withPlimsoll } from '../src/index.ts'
import { answer, listening, PROMPT, startFake, streamingModel, textParts, upstream } from './support.ts'

type Options = NonNullable<Parameters<typeof generateText>[0]['providerOptions']>

function setUp(bound: Attributes = {}) {
  const host = listening()
  const model = new MockLanguageModelV4({ doGenerate: answer('hi') })
  const wrapped = wrapLanguageModel({ model, middleware: plimsollMiddleware(host.plimsoll, bound) })
  const attributesOf = async (forwarded: unknown = {}, around: Attributes = {}) => {
    const providerOptions = { plimsoll: forwarded } as Options
    await host.plimsoll.with(around, () => generateText({ model: wrapped, prompt: 'Hello', providerOptions }))
    return host.records.at(-1)?.attributes
  }
  return { host, model, wrapped, attributesOf }
}

describe('attributes', () => {
  it('come from the scope, then the middleware, then providerOptions', async () => {
    const { attributesOf } = setUp({ task: 'bound', feature: 'bound', tenant: 'bound' })
    const forwarded = { task: 'forwarded', feature: 'forwarded', step: 'forwarded', promptVersion: 'v1' }
    expect(await attributesOf(forwarded, { task: 'scope', user: 'scope' })).toEqual({
      task: 'scope',
      user: 'scope',
      feature: 'bound',
      tenant: 'bound',
      step: 'forwarded',
      promptVersion: 'v1',
    })
  })

  it('that the middleware leaves undefined are still to be filled', async () => {
    const { attributesOf } = setUp({ task: undefined } as unknown as Attributes)
    expect(await attributesOf({ task: 'forwarded' })).toEqual({ task: 'forwarded' })
  })

  it('that the middleware was given are those of that moment', async () => {
    const bound = { tenant: 'a' }
    const { attributesOf } = setUp(bound)
    bound.tenant = 'b'
    expect(await attributesOf()).toEqual({ tenant: 'a' })
  })

  it('of a scope reach the calls of streamText, its stream included, and of agents', async () => {
    const host = listening()
    const model = streamingModel(upstream(textParts(5)), upstream(textParts(5)))
    const wrapped = wrapLanguageModel({ model, middleware: plimsollMiddleware(host.plimsoll) })
    const result = host.plimsoll.with({ tenant: 'acme' }, () =>
      streamText({ model: wrapped, prompt: 'Hello' }),
    )
    await result.consumeStream()
    const agent = new ToolLoopAgent({ model: wrapped })
    await host.plimsoll.workflow('support', { tenant: 'acme' }, async () => {
      await (await agent.stream({ prompt: 'Hello' })).consumeStream()
    })
    expect(host.records).toMatchObject([
      { attributes: { tenant: 'acme' } },
      { attributes: { tenant: 'acme', workflow: 'support' } },
    ])
    expect(host.of('run.finished')).toMatchObject([{ calls: 1, usage: { inputTokens: 7 } }])
  })

  it('may be bound anew for each call: the limits are those of plimsoll', async () => {
    const host = listening({
      budgets: [{ per: 'tenant', limits: [{ unit: 'requests', amount: 1, perMs: 10_000 }] }],
    })
    const model = new MockLanguageModelV4({ doGenerate: answer('hi') })
    const ask = (tenant: string) => {
      const middleware = plimsollMiddleware(host.plimsoll, { tenant })
      return generateText({ model: wrapLanguageModel({ model, middleware }), prompt: 'Hello' })
    }
    await ask('a')
    await ask('b')
    expect(await host.plimsoll.decide({ target: 'mock-provider/mock-model-id', tenant: 'a' })).toMatchObject({
      kind: 'queue',
    })
  })
})

describe('providerOptions.plimsoll', () => {
  it('cannot say who is calling, nor how urgently', async () => {
    const { attributesOf } = setUp({ tenant: 'acme' })
    const spoofed = {
      tenant: 'other',
      user: 'root',
      plan: 'premium',
      priority: 'high',
      mode: 'interactive',
      risk: 'low',
      permissions: ['all'],
      run: 'r',
      workflow: 'w',
      task: 'classify',
    }
    expect(await attributesOf(spoofed)).toEqual({ tenant: 'acme', task: 'classify' })
  })

  it.each<[string, unknown]>([
    ['a text', 'x'],
    ['null', null],
    ['a list', ['task']],
    ['wrong types', { task: 5, feature: {}, step: '', promptVersion: 'x'.repeat(257), documentIds: 'a' }],
    ['lists of anything', { documentIds: ['a', 1], toolVersions: { a: 1 } }],
    ['too many entries', { documentIds: Array.from({ length: 257 }, () => 'a') }],
    ['control characters', { task: 'a\u0000b', toolVersions: { 'a\n': 'b' } }],
    ['a prototype', JSON.parse('{"__proto__":{"task":"a","tenant":"b"}}')],
    ['something inherited', Object.create({ task: 'a' })],
  ])('that is %s is ignored', async (_what, forwarded) => {
    const { attributesOf } = setUp({ tenant: 'acme' })
    expect(await attributesOf(forwarded)).toEqual({ tenant: 'acme' })
  })

  it('keeps what is right beside what is not', async () => {
    const { attributesOf } = setUp()
    const forwarded = { task: 'classify', step: 7, documentIds: ['a', 'b'], toolVersions: { search: '2' } }
    const { step: _, ...right } = forwarded
    expect(await attributesOf(forwarded)).toEqual(right)
    const hostile: unknown = JSON.parse('{"toolVersions":{"__proto__":"2"}}')
    const attributes = await attributesOf(hostile)
    expect(Object.entries(attributes?.toolVersions ?? {})).toEqual([['__proto__', '2']])
  })

  it('is not sent to the model; the options of others are, as is all else', async () => {
    const { model, wrapped } = setUp()
    const other = { openai: { user: 'u' } }
    const headers = { 'x-a': 'b' }
    const params = { prompt: PROMPT, temperature: 0.5, headers, maxOutputTokens: 9 }
    await wrapped.doGenerate({ ...params, providerOptions: { ...other, plimsoll: { task: 'classify' } } })
    await wrapped.doGenerate(params)
    expect(model.doGenerateCalls[0]).toMatchObject({ ...params, providerOptions: other })
    expect(model.doGenerateCalls[0]?.providerOptions).toEqual(other)
    expect(model.doGenerateCalls[1]).not.toHaveProperty('providerOptions')
  })

  it('does not reach the body even where a provider posts all it is given', async () => {
    await using server = await startFake()
    const bodies: string[] = []
    const record: typeof fetch = (url, init) => {
      bodies.push(String(init?.body))
      return fetch(url, init)
    }
    const baseURL = `${server.url}/v1`
    // Options under a provider's own name go into its body: here that name is ours.
    const leaky = createOpenAICompatible({ name: 'plimsoll', baseURL, fetch: record })
    const providerOptions = { plimsoll: { task: 'secret-task', userLabel: 'secret-label' } }
    await generateText({ model: leaky('m'), prompt: 'Hello', providerOptions })
    expect(bodies[0]).toContain('secret-task')
    const host = listening()
    const models = withPlimsoll(leaky, host.plimsoll)
    await generateText({ model: models('m'), prompt: 'Hello', providerOptions })
    await streamText({ model: models('m'), prompt: 'Hello', providerOptions }).consumeStream()
    await embed({ model: models.embeddingModel('e'), value: 'Hello', providerOptions })
    expect(bodies).toHaveLength(4)
    expect(bodies.slice(1).join()).not.toContain('secret')
    expect(host.records.map(({ attributes }) => attributes.task)).toEqual(Array(3).fill('secret-task'))
  })

  it('describes embeddings too', async () => {
    const host = listening()
    const model = new MockEmbeddingModelV4({
      doEmbed: { embeddings: [[1]], usage: { tokens: 1 }, warnings: [] },
    })
    const models = withPlimsoll({ embedding: () => model }, host.plimsoll, { feature: 'search' })
    const providerOptions = { plimsoll: { task: 'index' } }
    await embed({ model: models.embedding(), value: 'Hello', providerOptions })
    expect(host.records).toMatchObject([{ attributes: { feature: 'search', task: 'index' } }])
    expect(model.doEmbedCalls[0]?.providerOptions).toEqual({})
  })
})
