import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { generateObject, generateText, isStepCount, Output, streamText, tool, ToolLoopAgent } from 'ai'
import type { LanguageModel } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withPlimsoll } from '../src/index.ts'
import { listening, NOTHING_LEFT, startFake } from './support.ts'
import type { Listening } from './support.ts'

const ONE_SLOT = { targets: { 'openai/m': { limits: { concurrency: 1 } } } }

function governedModel(server: FakeProvider, { plimsoll }: Listening): LanguageModel {
  return withPlimsoll(createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' }), plimsoll).chat('m')
}

const PROMPT = 'What is the weather? [[tool=weather {"city":"Paris"}]]'
const stopWhen = isStepCount(2)

function weather(inner?: () => PromiseLike<string>) {
  return tool({
    description: 'The weather in a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `${city}: ${(await inner?.()) ?? 'sunny'}`,
  })
}

describe('with a single slot, tools do not wait for themselves', () => {
  it('in generateText', async () => {
    await using server = await startFake()
    const host = listening(ONE_SLOT)
    const model = governedModel(server, host)
    const { steps } = await generateText({ model, prompt: PROMPT, tools: { weather: weather() }, stopWhen })
    expect(steps).toHaveLength(2)
    expect(steps[0]?.toolResults).toMatchObject([{ output: 'Paris: sunny' }])
    expect(host.records).toHaveLength(2)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('in streamText', async () => {
    await using server = await startFake()
    const host = listening(ONE_SLOT)
    const model = governedModel(server, host)
    const { steps } = streamText({ model, prompt: PROMPT, tools: { weather: weather() }, stopWhen })
    expect(await steps).toHaveLength(2)
    expect(host.records).toMatchObject([{ outcome: 'finished' }, { outcome: 'finished' }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('in an agent', async () => {
    await using server = await startFake()
    const host = listening(ONE_SLOT)
    const model = governedModel(server, host)
    const agent = new ToolLoopAgent({ model, tools: { weather: weather() }, stopWhen })
    expect((await agent.generate({ prompt: PROMPT })).steps).toHaveLength(2)
    const streamed = await agent.stream({ prompt: PROMPT })
    expect(await streamed.steps).toHaveLength(2)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('nor for a model that a tool of generateText asks', async () => {
    await using server = await startFake()
    const host = listening(ONE_SLOT)
    const model = governedModel(server, host)
    const inner = async () => (await generateText({ model, prompt: 'Inner' })).text
    const { steps } = await generateText({
      model,
      prompt: PROMPT,
      tools: { weather: weather(inner) },
      stopWhen,
    })
    expect(steps).toHaveLength(2)
    expect(host.records).toHaveLength(3)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('nor for one that a tool of streamText streams', async () => {
    await using server = await startFake()
    const host = listening(ONE_SLOT)
    const model = governedModel(server, host)
    const inner = () => streamText({ model, prompt: 'Inner' }).text
    const { steps } = streamText({ model, prompt: PROMPT, tools: { weather: weather(inner) }, stopWhen })
    expect(await steps).toHaveLength(2)
    expect(host.records).toHaveLength(3)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})

describe('objects', () => {
  const schema = z.object({ city: z.string(), celsius: z.number() })

  it('are generated as without us', async () => {
    await using server = await startFake()
    const host = listening()
    const model = governedModel(server, host)
    const { output } = await generateText({ model, prompt: 'Weather', output: Output.object({ schema }) })
    expect(schema.parse(output)).toEqual(output)
    const { object } = await generateObject({ model, prompt: 'Weather', schema })
    expect(schema.parse(object)).toEqual(object)
  })

  it('are streamed as without us', async () => {
    await using server = await startFake()
    const host = listening()
    const model = governedModel(server, host)
    const { output } = streamText({ model, prompt: 'Weather', output: Output.object({ schema }) })
    expect(schema.parse(await output)).toEqual(await output)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})

describe('what the host counts', () => {
  it('is the same with us as without', async () => {
    const host = listening({ targets: { 'anthropic/m': { limits: { rpm: 1_000 } } } })
    const run = async (isGoverned: boolean) => {
      // One server for each: it numbers its tool calls, and these numbers are tokens too.
      await using server = await startFake()
      const anthropic = createAnthropic({ baseURL: `${server.url}/v1`, apiKey: 'k' })
      const ended: unknown[] = []
      const result = streamText({
        model: (isGoverned ? withPlimsoll(anthropic, host.plimsoll) : anthropic)('m'),
        prompt: PROMPT,
        maxOutputTokens: 100,
        tools: { weather: weather() },
        stopWhen,
        onFinish: ({ totalUsage, steps, finishReason }) => {
          ended.push(totalUsage, steps.length, finishReason)
        },
        telemetry: {
          integrations: { onLanguageModelCallEnd: ({ usage }) => void ended.push(usage) },
        },
      })
      await result.consumeStream()
      return ended
    }
    const expected = await run(false)
    expect(expected).toHaveLength(5)
    expect(await run(true)).toEqual(expected)
    expect(host.records).toMatchObject([{ estimated: false }, { estimated: false }])
  })
})
