import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import type { PlimsollConfig } from '@plimsoll/core'
import type { FakeProvider, Fault } from '@plimsoll/fake-provider'
import * as ai from 'ai'
import * as ai6 from 'ai6'
import { createOpenAI as createOpenAI6 } from 'ai6-openai'
import { MockLanguageModelV3, MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plimsollMiddleware, routedModel } from '../src/index.ts'
import { answer, listening, NOTHING_LEFT, readAll, rejection, START, startFake, until } from './support.ts'

const schema = z.object({ city: z.string(), celsius: z.number() })
const DEAD = 'openai/primary'
const ALIVE = 'openai/secondary'

/** Two deployments of the same model, each at a server of its own; of the first one nothing comes but errors. */
async function deployments(fault: Fault = { kind: 'server-error', rate: 1 }, options: PlimsollConfig = {}) {
  const dead = await startFake({ faults: [fault] })
  const alive = await startFake()
  // Each server has a key of its own: what speaks against one speaks for nothing of the other.
  const host = listening({
    targets: { [DEAD]: { credential: 'dead' } },
    tasks: { answer: { targets: [DEAD, ALIVE] } },
    ...options,
  })
  const openai = (server: FakeProvider) => createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
  const model = routedModel(
    host.plimsoll,
    { [DEAD]: openai(dead).chat('primary'), [ALIVE]: openai(alive).chat('secondary') },
    { task: 'answer' },
  )
  return {
    ...host,
    model,
    dead,
    records: () => host.records,
    async [Symbol.asyncDispose]() {
      await dead.close()
      await alive.close()
    },
  }
}

describe('the primary is dead, the secondary healthy', () => {
  it('at least 99.9 % are answered, whole and streamed', { timeout: 120_000 }, async () => {
    await using host = await deployments()
    let answered = 0
    const one = async (index: number): Promise<void> => {
      const asked = { model: host.model, prompt: `Question ${index}`, maxRetries: 0 } as const
      const text =
        index % 2 === 0
          ? (await ai.generateText(asked)).text
          : await ai.streamText({ ...asked, onError: () => {} }).text
      if (text !== '') answered++
    }
    for (let batch = 0; batch < 20; batch++)
      await Promise.allSettled(Array.from({ length: 50 }, (_, index) => one(batch * 50 + index)))
    expect(answered).toBeGreaterThanOrEqual(999)
    await until(() => host.records().length === 1_000)
    expect(host.records().every(({ target, fallback }) => target === ALIVE && fallback)).toBe(true)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('once its breaker has opened at most its probes reach the dead one', { timeout: 60_000 }, async () => {
    await using host = await deployments(undefined, { breaker: { failures: 5, openMs: 50 } })
    let sentAtOpening: number | undefined
    const sent = () => host.of('budget.reserved').filter(({ target }) => target === DEAD).length
    host.plimsoll.on(({ type }) => {
      if (type === 'breaker.opened') sentAtOpening ??= sent()
    })
    const ask = () => ai.generateText({ model: host.model, prompt: 'Hello' })
    let asked = 0
    while (host.of('breaker.opened').length < 4 || asked < 200) {
      asked += 10
      const answers = await Promise.all(Array.from({ length: 10 }, ask))
      expect(answers.every(({ response }) => response.modelId === 'secondary')).toBe(true)
    }
    // Each opening after the first was a probe's; one more may have been on its way.
    const probes = host.of('breaker.opened').length - 1
    expect(host.dead.stats().total.received).toBe(sent())
    expect(sent() - sentAtOpening!).toBeGreaterThanOrEqual(probes)
    expect(sent() - sentAtOpening!).toBeLessThanOrEqual(probes + 1)
  })

  it('nobody waits behind it', async () => {
    await using host = await deployments(undefined, {
      targets: { [DEAD]: { credential: 'dead', limits: { concurrency: 2 } } },
      // Whoever stayed would stay for longer than the test may take.
      breaker: { failures: 5, openMs: 60_000 },
    })
    let waiting = 0
    host.plimsoll.on(({ type }) => {
      if (type === 'breaker.opened') ({ waiting } = host.plimsoll.state())
    })
    const all = Array.from({ length: 60 }, () => ai.generateText({ model: host.model, prompt: 'Hello' }))
    const answers = await Promise.all(all)
    expect(answers.filter(({ response }) => response.modelId === 'secondary')).toHaveLength(60)
    expect(host.dead.stats().total.received).toBeLessThanOrEqual(5 + 2)
    expect(waiting).toBeGreaterThan(0)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it.each([
    'rate-limit',
    'insufficient-quota',
    'overloaded',
    'server-error',
    'connection-reset',
    'malformed',
  ] as const)('whatever it answers: %s', async (kind) => {
    await using host = await deployments({ kind, rate: 1 }, { queue: { maxWaitMs: 50 } })
    const { text, response, providerMetadata } = await ai.generateText({ model: host.model, prompt: 'Hello' })
    expect([text === '', response.modelId]).toEqual([false, 'secondary'])
    expect(providerMetadata).toMatchObject({ plimsoll: { target: ALIVE, fallback: true } })
  })

  it('objects, streamed objects and agents come from the other', async () => {
    await using host = await deployments()
    const { model } = host
    const asked = { model, prompt: 'The weather' }
    expect((await ai.generateObject({ ...asked, schema })).object).toHaveProperty('celsius')
    const streamed = ai.streamObject({ ...asked, schema })
    await readAll(streamed.partialObjectStream)
    expect(await streamed.object).toHaveProperty('city')
    const inputSchema = z.object({ city: z.string() })
    const weather = ai.tool({ inputSchema, execute: async ({ city }) => `${city}: sunny` })
    const agent = new ai.ToolLoopAgent({ model, tools: { weather }, stopWhen: ai.isStepCount(2) })
    expect((await agent.generate({ prompt: 'The weather' })).steps.length).toBeGreaterThan(0)
    const { response } = ai.streamText({ ...asked, prompt: 'Hello' })
    expect((await response).modelId).toBe('secondary')
  })

  it('when both are dead there is one error of ours, which the SDK does not try again', async () => {
    await using dead = await startFake({ faults: [{ kind: 'server-error', rate: 1 }] })
    const host = listening({ tasks: { answer: { targets: [DEAD, ALIVE] } } })
    const { chat } = createOpenAI({ baseURL: `${dead.url}/v1`, apiKey: 'k' })
    const models = { [DEAD]: chat('primary'), [ALIVE]: chat('secondary') }
    const model = routedModel(host.plimsoll, models, { task: 'answer' })
    expect(await rejection(ai.generateText({ model, prompt: 'Hello' }))).toMatchObject({
      code: 'no-target',
      attempts: expect.toSatisfy((attempts: number) => attempts >= 2),
    })
    expect(host.records).toHaveLength(1)
  })
})

describe('a stream that breaks off', () => {
  it.each(['cut', 'error-event', 'malformed'] as const)(
    'by %s gives what it had, marked, and no error',
    async (kind) => {
      await using server = await startFake({ faults: [{ kind, rate: 1, afterChunks: 3 }] })
      const host = listening({ tasks: { chat: { degrade: ['partial'] } } })
      const { chat } = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
      const model = routedModel(host.plimsoll, { 'openai/m': chat('m') }, { task: 'chat' })
      const errors: unknown[] = []
      const result = ai.streamText({
        model,
        prompt: 'Hello',
        onError: ({ error }) => void errors.push(error),
      })
      expect((await readAll(result.textStream)).join('')).not.toBe('')
      expect([errors, await result.finishReason]).toEqual([[], 'other'])
      expect(await result.providerMetadata).toMatchObject({
        plimsoll: { degraded: 'partial', estimated: true },
      })
      await until(() => host.records.length === 1)
      expect(host.records).toMatchObject([{ degraded: 'partial', estimated: true }])
    },
  )
})

describe('providers of two kinds', () => {
  it('an answer of the second is as whole as one of the first', async () => {
    await using dead = await startFake({ faults: [{ kind: 'overloaded', rate: 1 }] })
    await using alive = await startFake()
    const { plimsoll } = listening()
    const model = routedModel(plimsoll, {
      'anthropic/claude': createAnthropic({ baseURL: `${dead.url}/v1`, apiKey: 'k' })('claude'),
      'openai/gpt': createOpenAI({ baseURL: `${alive.url}/v1`, apiKey: 'k' })('gpt'),
    })
    const { textStream, response } = ai.streamText({ model, prompt: 'Hello' })
    expect((await readAll(textStream)).join('')).not.toBe('')
    expect((await response).modelId).toBe('gpt')
  })

  it('works in AI SDK 6 with its own models', async () => {
    await using dead = await startFake({ faults: [{ kind: 'server-error', rate: 1 }] })
    await using alive = await startFake()
    const { plimsoll } = listening()
    const openai = ({ url }: FakeProvider) => createOpenAI6({ baseURL: `${url}/v1`, apiKey: 'k' })
    const model = routedModel(plimsoll, {
      [DEAD]: openai(dead)('primary'),
      [ALIVE]: openai(alive)('secondary'),
    })
    const { text, response } = await ai6.generateText({ model, prompt: 'Hello' })
    expect([text === '', response.modelId]).toEqual([false, 'secondary'])
    expect(await ai6.streamText({ model, prompt: 'Hello' }).text).not.toBe('')
    expect((await ai6.generateObject({ model, prompt: 'Hello', schema })).object).toHaveProperty('city')
  })
})

describe('a model in the shadow of another', () => {
  it.each(['whole', 'streamed'] as const)(
    'is asked the same when that has answered, and its answer goes to nobody (%s)',
    async (how) => {
      await using server = await startFake()
      const host = listening({
        tasks: { answer: { targets: ['openai/first'], shadow: { target: 'openai/other', share: 1 } } },
        budgets: [{ per: 'tenant', requests: 5, every: 'day' }],
      })
      const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
      const model = routedModel(
        host.plimsoll,
        { 'openai/first': openai.chat('first'), 'openai/other': openai.chat('other') },
        { task: 'answer', tenant: 'acme' },
      )
      const controller = new AbortController()
      const asked = { model, prompt: 'Hello', maxOutputTokens: 30, abortSignal: controller.signal } as const
      const { response } = how === 'whole' ? await ai.generateText(asked) : ai.streamText(asked)
      expect((await response).modelId).toBe('first')
      await until(() => host.records.length === 2)
      expect(host.records).toMatchObject([
        { target: 'openai/first', outcome: 'finished', attributes: { tenant: 'acme' } },
        {
          target: 'openai/other',
          outcome: 'finished',
          shadowOf: host.records[0]!.callId,
          attributes: { tenant: '(shadow)', task: 'answer' },
          usage: { inputTokens: expect.any(Number), outputTokens: expect.any(Number) },
        },
      ])
      const { limits } = await host.plimsoll.headroom('openai/first', { tenant: 'acme' })
      expect(limits.find(({ key }) => key.startsWith('budget'))).toMatchObject({ available: 4 })
      expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    },
  )
})

describe('a routed model', () => {
  const reads = (supportedUrls: Record<string, RegExp[]>) => new MockLanguageModelV4({ supportedUrls })

  it('reads by itself only what all of its models do', async () => {
    const { plimsoll } = listening()
    const model = routedModel(plimsoll, {
      a: reads({ 'image/*': [/^https:/, /^gs:/], 'application/pdf': [/^https:/] }),
      b: reads({ 'image/*': [/^https:/], 'audio/*': [/^https:/] }),
    })
    expect(await model.supportedUrls).toEqual({ 'image/*': [/^https:/] })
  })

  it('names the model that answered where its provider does not', async () => {
    const { plimsoll } = listening()
    const whole = new MockLanguageModelV4({ modelId: 'own', doGenerate: answer('Hello') })
    const model = routedModel(plimsoll, { a: whole })
    expect((await ai.generateText({ model, prompt: 'Hello' })).response.modelId).toBe('own')
    const parts = [START, { type: 'text-delta', id: '1', delta: 'Hello' }] as const
    const streamed = new MockLanguageModelV4({
      modelId: 'own',
      doStream: { stream: ai.simulateReadableStream({ chunks: [...parts] }) },
    })
    const { stream } = await routedModel(plimsoll, { a: streamed }).doStream({ prompt: [] })
    expect((await readAll(stream)).map(({ type }) => type)).toEqual([
      'stream-start',
      'response-metadata',
      'text-delta',
    ])
  })

  it('hands a shorter length on to its model', async () => {
    const model = new MockLanguageModelV4({ modelId: 'own', doGenerate: answer('Hello') })
    const { plimsoll } = listening({ tasks: { short: { maxOutputTokens: 50 } } })
    const ask = (maxOutputTokens?: number) =>
      ai.generateText({
        model: routedModel(plimsoll, { a: model }, { task: 'short' }),
        prompt: 'Hello',
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
      })
    await ask()
    await ask(80)
    expect(model.doGenerateCalls.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([50, 80])
  })

  it('is made of models of one version, and of one at least', () => {
    const { plimsoll } = listening()
    const mixed = { a: new MockLanguageModelV4(), b: new MockLanguageModelV3() }
    expect(() => routedModel(plimsoll, mixed)).toThrow(/v4 and v3/)
    expect(() => routedModel(plimsoll, {})).toThrow(/at least one model/)
  })

  it('counts a model that is under the same Plimsoll once', async () => {
    const host = listening()
    const own = new MockLanguageModelV4({ provider: 'openai', modelId: 'a', doGenerate: answer('Hello') })
    const wrapped = ai.wrapLanguageModel({ model: own, middleware: plimsollMiddleware(host.plimsoll) })
    await ai.generateText({ model: routedModel(host.plimsoll, { 'openai/a': wrapped }), prompt: 'Hello' })
    expect(host.records).toHaveLength(1)
  })
})

describe('a model of one’s own under a task', () => {
  const failing = new MockLanguageModelV4({
    provider: 'openai',
    modelId: 'bound',
    doGenerate: async () => {
      throw Object.assign(new Error('down'), { statusCode: 500 })
    },
  })

  it('is asked though the task lists others, and its rungs are what is left', async () => {
    const host = listening({
      tasks: {
        answer: { targets: ['openai/other'], degrade: [{ target: 'openai/lesser' }, { message: 'Sorry.' }] },
      },
    })
    const model = ai.wrapLanguageModel({
      model: failing,
      middleware: plimsollMiddleware(host.plimsoll, { task: 'answer' }),
    })
    const { text, providerMetadata } = await ai.generateText({ model, prompt: 'Hello' })
    expect(text).toBe('Sorry.')
    expect(providerMetadata).toMatchObject({ plimsoll: { degraded: 'message' } })
    expect(host.of('candidate.passed')).toMatchObject([{ target: 'openai/lesser', reason: 'not-offered' }])
  })

  it('says nothing where an object is asked for, unless the rung has one', async () => {
    const model = (degrade: [{ message: string; object?: unknown }]) =>
      ai.wrapLanguageModel({
        model: failing,
        middleware: plimsollMiddleware(listening({ tasks: { answer: { degrade } } }).plimsoll, {
          task: 'answer',
        }),
      })
    const asked = { schema, prompt: 'The weather', maxRetries: 0 }
    const object = { city: 'unknown', celsius: 0 }
    const whole = await ai.generateObject({ ...asked, model: model([{ message: 'Sorry.', object }]) })
    expect(whole.object).toEqual(object)
    await expect(
      ai.generateObject({ ...asked, model: model([{ message: 'Sorry.' }]) }),
    ).rejects.toMatchObject({ code: 'provider-failed', cause: { message: 'down' } })
  })

  it('is not asked what is of high risk and not its to answer', async () => {
    const host = listening({
      tasks: { compliance: { targets: ['azure/gpt-5'], risk: 'high', validate: () => true } },
    })
    const middleware = plimsollMiddleware(host.plimsoll, { task: 'compliance' })
    const model = ai.wrapLanguageModel({ model: failing, middleware })
    expect(await rejection(ai.generateText({ model, prompt: 'May we?' }))).toMatchObject({
      code: 'no-target',
      attempts: 0,
    })
  })
})
