import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from 'langchain'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withPlimsoll } from '../src/index.ts'
import { anthropic, CLIENTS, listening, NOTHING_LEFT, openai, startFake } from './support.ts'

const weather = tool(({ city }) => `${city}: sunny`, {
  name: 'weather',
  description: 'Tells the weather.',
  schema: z.object({ city: z.string() }),
})

const call = { name: 'weather', args: { city: 'Oslo' }, id: 'c1', type: 'tool_call' } as const
const long = 'It was long ago. '.repeat(200)

/** A conversation whose early part is long. */
const conversation = [
  new SystemMessage('Be kind.'),
  new HumanMessage(long),
  new AIMessage({ content: '', tool_calls: [call] }),
  new ToolMessage({ content: long, tool_call_id: 'c1' }),
  new AIMessage(long),
  new HumanMessage('And now?'),
]

describe.each(Object.entries(CLIENTS))('a request to %s', (_, { make, target }) => {
  it('is cut down by a diet, tool calls with their results, and is still taken', async () => {
    await using server = await startFake()
    const host = listening({ tasks: { chat: { diet: { name: 'lean', maxHistoryTokens: 50 } } } })
    const model = withPlimsoll(make(server), host.plimsoll, { task: 'chat' })
    const bound = model.bindTools!([weather])
    const { usage_metadata: usage, response_metadata: said } = await bound.invoke(conversation)
    expect((usage as { input_tokens: number } | undefined)?.input_tokens).toBeLessThan(500)
    expect(said['plimsoll']).toMatchObject({ target, diet: 'lean' })
    expect(host.of('diet.applied')).toHaveLength(1)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('may have the results of its tools shortened', async () => {
    await using server = await startFake()
    const diet = { name: 'lean', maxToolResultTokens: 20 }
    const host = listening({ tasks: { chat: { diet }, plain: {} } })
    const inputs: number[] = []
    for (const task of ['plain', 'chat']) {
      const model = withPlimsoll(make(server), host.plimsoll, { task })
      await model.bindTools!([weather]).invoke(conversation)
      inputs.push(host.records.at(-1)!.usage.inputTokens!)
    }
    expect(inputs[0]! - inputs[1]!).toBeGreaterThan(500)
    expect(conversation[3]?.text).toBe(long)
  })

  it('is estimated near what its provider counts, tools included', async () => {
    await using server = await startFake({
      models: { '*': { tokenBias: 1, outputTokens: { median: 5, sigma: 0 } } },
    })
    const host = listening({ targets: { [target]: { limits: { tpm: 100_000 } } } })
    const model = withPlimsoll(make(server, { maxTokens: 10 }), host.plimsoll)
    await model.bindTools!([weather]).invoke(conversation)
    const [reserved] = host.of('budget.reserved')
    const [record] = host.records
    expect(reserved).toBeDefined()
    expect(record!.usage.inputTokens).toBeGreaterThan(1_000)
    const { inputBy } = record!
    expect(inputBy).toMatchObject({
      system: expect.any(Number),
      history: expect.any(Number),
      tools: expect.any(Number),
    })
  })

  it('that is the same but for the ids and usage of its answers is found in the cache', async () => {
    await using server = await startFake()
    const host = listening({ tasks: { faq: { cache: { ttlMs: 60_000 } } } })
    const model = withPlimsoll(make(server), host.plimsoll, { task: 'faq' })
    const asked = (id: string) => [
      new HumanMessage('One?'),
      new AIMessage({ content: 'Two.', id, response_metadata: { id } }),
      new HumanMessage('Three?'),
    ]
    await model.invoke(asked('a'))
    await model.invoke(asked('b'))
    await model.invoke([...asked('a'), new HumanMessage('Four?')])
    await model.bindTools!([weather]).invoke(asked('a'))
    expect(host.records.map(({ cache }) => cache)).toEqual([undefined, 'hit', undefined, undefined])
  })
})

describe('a prompt cache', () => {
  it('of Anthropic is asked for behind what calls have in common', async () => {
    await using server = await startFake({
      models: {
        '*': { promptCache: { minTokens: 1_024 }, outputTokens: { median: 5, sigma: 0 }, ttftMs: 1 },
      },
    })
    const host = listening({ tasks: { chat: { promptCache: true } } })
    const model = withPlimsoll(anthropic(server), host.plimsoll, { task: 'chat' })
    for (const question of ['One?', 'Two?'])
      await model.invoke([new SystemMessage('Be kind. '.repeat(2_000)), new HumanMessage(question)])
    const [first, second] = host.records.map(({ usage }) => usage)
    expect(first?.cacheWriteTokens).toBeGreaterThan(1_000)
    expect(second?.cacheReadTokens).toBeGreaterThan(1_000)
  })
})

describe('what is not in the messages', () => {
  it('two models with other settings share no answer', async () => {
    await using server = await startFake()
    const host = listening({ tasks: { faq: { cache: { ttlMs: 60_000 } } } })
    for (const maxTokens of [10, 11])
      await withPlimsoll(openai(server, { maxTokens }), host.plimsoll, { task: 'faq' }).invoke('Hello')
    expect(server.stats().total.received).toBe(2)
  })
})
