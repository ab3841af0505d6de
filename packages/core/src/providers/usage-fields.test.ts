import { describe, expect, it } from 'vitest'
import { usageOf } from './usage-shapes.ts'

const read = (usage: unknown, answer: object = {}): unknown => usageOf({ ...answer, usage })

describe('a field of a usage', () => {
  it('that is not there is not there afterwards either', () => {
    expect(read({ input_tokens: 5 })).toStrictEqual({ inputTokens: 5 })
  })

  it.each([
    ['prompt_tokens before tokens', { tokens: 9, prompt_tokens: 5 }, 5],
    ['inputTokens before all others', { prompt_tokens: 9, inputTokens: 5 }, 5],
    ['its total before other names', { prompt_tokens: 9, inputTokens: { total: 5 } }, 5],
    ['another name where the first is no count', { inputTokens: Number.NaN, prompt_tokens: 5 }, 5],
    ['another where the first is negative', { inputTokens: -1, tokens: 5 }, 5],
    ['another whatever comes last', { prompt_tokens: 5, promptTokenCount: 9, tokens: 9 }, 5],
  ])('is read by the order of its names, not of its fields: %s', (_what, usage, inputTokens) => {
    expect(read(usage)).toStrictEqual({ inputTokens })
  })

  it.each([
    'cache_read_input_tokens',
    'cache_creation_input_tokens',
    'cacheReadInputTokens',
    'cacheWriteInputTokens',
  ])('of a provider that leaves its cache out of the input is added to it: %s', (name) => {
    expect(read({ input_tokens: 5, [name]: 100 })).toMatchObject({ inputTokens: 105 })
    expect(read({ input_tokens: 5, [name]: null })).toStrictEqual({ inputTokens: 5 })
  })

  it.each(['cachedInputTokens', 'cachedContentTokenCount'])('is part of the input elsewhere: %s', (name) => {
    expect(read({ inputTokens: 500, [name]: 100 })).toStrictEqual({ inputTokens: 500, cacheReadTokens: 100 })
  })

  it.each([
    [{ cacheWriteInputTokens: 7 }, { cacheWriteTokens: 7 }],
    [{ inputTokenDetails: { cacheWriteTokens: 7 } }, { cacheWriteTokens: 7 }],
    [{ cache_creation: { ephemeral_1h_input_tokens: 7 } }, { cacheWrite1hTokens: 7 }],
    [{ thoughtsTokenCount: 7 }, { reasoningTokens: 7 }],
    [{ outputTokens: { total: 9, reasoning: 7 } }, { outputTokens: 9, reasoningTokens: 7 }],
  ])('is found beside or inside of others: %j', (fields, expected) => {
    expect(read({ inputTokens: 5, ...fields })).toMatchObject(expected)
  })

  it.each([null, 5, 'text', true, [], undefined, () => {}])('holds nothing where it is %j', (details) => {
    const usage = { prompt_tokens: 5, prompt_tokens_details: details, output_tokens_details: details }
    expect(read(usage)).toStrictEqual({ inputTokens: 5 })
  })

  it('adds what Gemini thought to what it said, and only there', () => {
    const said = { promptTokenCount: 5, candidatesTokenCount: 10 }
    expect(read(said)).toStrictEqual({ inputTokens: 5, outputTokens: 10 })
    expect(read({ ...said, thoughtsTokenCount: 3 })).toMatchObject({ outputTokens: 13 })
    expect(read({ input_tokens: 5, output_tokens: 10, thoughtsTokenCount: 3 })).toMatchObject({
      outputTokens: 10,
    })
  })
})

describe('a service tier', () => {
  it.each([
    [{ service_tier: 'flex' }, {}, 'flex'],
    [{}, { service_tier: 'flex' }, 'flex'],
    [{ service_tier: 'batch' }, { service_tier: 'flex' }, 'batch'],
    [{ service_tier: '' }, { service_tier: 'flex' }, 'flex'],
    [{ service_tier: null }, { service_tier: 'flex' }, 'flex'],
  ])('is that of the usage, else of the answer: %j, %j', (usage, answer, serviceTier) => {
    expect(read({ input_tokens: 5, ...usage }, answer)).toStrictEqual({ inputTokens: 5, serviceTier })
  })

  it.each([{}, { service_tier: '' }, { service_tier: 5 }, { service_tier: null }])(
    'is none: %j',
    (answer) => {
      expect(read({ input_tokens: 5 }, answer)).toStrictEqual({ inputTokens: 5 })
    },
  )
})

describe('a usage', () => {
  it.each([undefined, null, 5, 'text', [], {}, { output_tokens: 5 }])(
    'that says nothing is none: %j',
    (usage) => {
      expect(read(usage)).toBeUndefined()
    },
  )

  it('is looked for in the answer itself last', () => {
    expect(usageOf({ input_tokens: 5, usage: { input_tokens: 7 } })).toStrictEqual({ inputTokens: 7 })
    expect(usageOf({ input_tokens: 5, usage: null })).toStrictEqual({ inputTokens: 5 })
  })

  it.each([null, undefined, 5, 'text', () => {}])('is not read from what is no object: %j', (answer) => {
    expect(usageOf(answer)).toBeUndefined()
  })

  it('of an answer that throws when it is read is not known', () => {
    const answer = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no')
        },
      },
    )
    expect(usageOf(answer)).toBeUndefined()
  })
})
