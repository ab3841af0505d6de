import { updatePrices, waitForUpdate } from '@pydantic/genai-prices'
import type { Provider } from '@pydantic/genai-prices'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { genaiPrices } from './genai-prices.ts'
import { costUsd } from './price.ts'
import type { PricedTarget } from './price.ts'

const AT = new Date('2026-11-01T12:00:00Z')
const prices = genaiPrices({ at: AT })

function target(id: string): PricedTarget {
  const [provider, ...model] = id.split('/')
  return { id, provider: provider!, model: model.join('/') }
}
const idOf = (id: string) => prices(target(id))?.id
const priceOf = (id: string) => prices(target(id))?.price

describe('prices from the list', () => {
  it('gpt-5: 10,000 input of which 6,000 cached, and 500 output, are $0.01075', () => {
    const usage = { inputTokens: 10_000, cacheReadTokens: 6_000, outputTokens: 500 }
    expect(costUsd(priceOf('openai/gpt-5')!, usage)).toBe(0.01075)
    // Where the package's own sum throws.
    expect(costUsd(priceOf('openai/gpt-5')!, { ...usage, cacheReadTokens: 60_000 })).toBe(0.00625)
  })

  it('have cache writes, for minutes and for an hour', () => {
    expect(priceOf('anthropic/claude-haiku-4-5')).toEqual({
      input: 1,
      output: 5,
      cacheRead: 0.1,
      cacheWrite5m: 1.25,
      cacheWrite1h: 2,
      multipliers: { batch: 0.5 },
    })
  })

  it('have tiers, for the whole of a longer call', () => {
    const price = priceOf('google/gemini-2.5-pro')!
    expect(price.tiers).toEqual([{ above: 200_000, input: 2.5, output: 15, cacheRead: 0.25 }])
    expect(costUsd(price, { inputTokens: 200_000, outputTokens: 0 })).toBe(0.25)
    expect(costUsd(price, { inputTokens: 400_000, outputTokens: 0 })).toBe(1)
  })

  it('have the service tiers of which a fact is known', () => {
    const usage = { inputTokens: 1_000_000, outputTokens: 0 }
    const cost = (id: string, serviceTier: string) => costUsd(priceOf(id)!, { ...usage, serviceTier })
    expect(cost('openai/gpt-5', 'default')).toBe(1.25)
    expect(cost('openai/gpt-5', 'flex')).toBe(0.625)
    expect(cost('anthropic/claude-haiku-4-5', 'batch')).toBe(0.5)
    expect(cost('groq/llama-3.1-8b-instant', 'flex')).toBe(cost('groq/llama-3.1-8b-instant', 'on_demand'))
  })

  it('are for input alone where there is no output', () => {
    expect(priceOf('openai/text-embedding-3-small')).toMatchObject({ input: 0.02, output: 0 })
  })

  it('have what a request costs', () => {
    expect(priceOf('perplexity/sonar')).toEqual({ input: 1, output: 1, perRequest: 0.012 })
  })
})

describe('whose price it is', () => {
  it.each([
    ['openai/gpt-5', 'openai/gpt-5'],
    ['openai/gpt-5-2025-08-07', 'openai/gpt-5'],
    ['openai/GPT-5', 'openai/gpt-5'],
    ['openai/gpt-5-nano-2026-01-01', 'openai/gpt-5-nano'],
    // Dated versions that cost otherwise are listed by themselves.
    ['openai/gpt-4o-2024-05-13', 'openai/gpt-4o-2024-05-13'],
    ['openai/gpt-4o-2024-08-06', 'openai/gpt-4o'],
    ['azure/gpt-5', 'openai/gpt-5'],
    ['azure/o3-mini', 'azure/o3-mini'],
    ['anthropic/claude-haiku-4-5-20251001', 'anthropic/claude-haiku-4-5'],
    ['anthropic/claude-sonnet-4-20250514', 'anthropic/claude-sonnet-4-0'],
    ['anthropic/claude-3-5-haiku-20241022', 'anthropic/claude-3-5-haiku-latest'],
    ['google/gemini-2.5-flash', 'google/gemini-2.5-flash'],
    ['vertex/gemini-2.0-flash-001', 'google/gemini-2.0-flash'],
    ['vertex/claude-sonnet-4-5@20250929', 'google/claude-sonnet-4-5'],
    ['vertex/claude-haiku-4-5@20251001', 'anthropic/claude-haiku-4-5'],
    ['bedrock/amazon.nova-lite-v1:0', 'aws/amazon.nova-lite-v1:0'],
    ['bedrock/us.amazon.nova-lite-v1:0', 'aws/amazon.nova-lite-v1:0'],
    [
      'bedrock/anthropic.claude-haiku-4-5-20251001-v1:0',
      'aws/regional.anthropic.claude-haiku-4-5-20251001-v1:0',
    ],
    [
      'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ],
    [
      'bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'aws/global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ],
    ['bedrock/eu.anthropic.claude-opus-4-5-20251101-v1:0', 'aws/regional.anthropic.claude-opus-4-5-v1:0'],
    ['bedrock/us.anthropic.claude-opus-5', 'aws/regional.anthropic.claude-opus-5'],
    [
      'bedrock/arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-6',
      'aws/regional.anthropic.claude-sonnet-4-6-v1:0',
    ],
    ['xai/grok-4', 'x-ai/grok-4-0709'],
    ['groq/llama-3.1-8b-instant', 'groq/llama-3.1-8b-instant'],
    ['mistral/mistral-large-latest', 'mistral/mistral-large'],
    ['deepseek/deepseek-chat', 'deepseek/deepseek-chat'],
    ['openrouter/anthropic/claude-sonnet-4.5', 'openrouter/anthropic/claude-sonnet-4.5'],
    [
      'togetherai/meta-llama/Llama-3.3-70B-Instruct-Turbo',
      'together/meta-llama/Llama-3.3-70B-Instruct-Turbo',
    ],
  ])('%s is %s', (asked, known) => {
    expect(idOf(asked)).toBe(known)
  })

  it.each([
    // The package takes each of these for a model that it resembles.
    'openai/gpt-5-nano-2',
    'openai/computer-use-3',
    'anthropic/claude-sonnet-5-5',
    'anthropic/claude-haiku-4-5-turbo',
    'google/gemini-3.8-flash-ultra',
    'bedrock/amazon.nova-pro-2-v1:0',
    'bedrock/amazon.titan-embed-text-v2:0',
    'my-openai-proxy/gpt-5',
    'vertex-of-mine/gemini-2.5-pro',
    // Of these nobody knows.
    'openai/gpt-99',
    'azure/my-deployment',
    'bedrock/global.amazon.nova-lite-v1:0',
    'bedrock/arn:aws:bedrock:us-east-1:1:application-inference-profile/abc',
    'ollama/llama3',
    'gateway/openai/gpt-5',
    'openai/',
    'openai/constructor',
    '__proto__/gpt-5',
    // Not sold by tokens, or by parts that no usage tells apart.
    'openai/whisper-1',
    'perplexity/sonar-deep-research',
    // No price is not a price of 0.
    'cerebras/qwen-3-coder-480b',
    'vertex/gemma-4-31b-it',
  ])('of %s no price is known', (asked) => {
    expect(idOf(asked)).toBeUndefined()
  })

  it('knows as free only what is called so', () => {
    expect(priceOf('openrouter/openai/gpt-oss-20b:free')).toEqual({ input: 0, output: 0 })
  })

  it('gives each model of the list its own price', async () => {
    const sellers = (await waitForUpdate())!
    const wrong = sellers.flatMap(({ id, models }) =>
      models
        .map((model) => ({ asked: model.id, found: prices({ id: '', provider: id, model: model.id })?.id }))
        .filter(({ asked, found }) => found !== undefined && found !== `${id}/${asked}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('prices that change', () => {
  it('are those of the day', () => {
    const on = (at: Date) => genaiPrices({ at })(target('openai/o3'))?.price.input
    expect([on(new Date('2025-06-01')), on(new Date('2025-07-01'))]).toEqual([10, 2])
  })

  it('are those of the hour', () => {
    const at = (time: string) =>
      genaiPrices({ at: new Date(`2026-11-01T${time}Z`) })(target('deepseek/deepseek-chat'))?.price.input
    expect([at('12:00:00'), at('20:00:00')]).toEqual([0.27, 0.135])
  })

  it('without a date are today’s', () => {
    expect(genaiPrices()(target('openai/o3'))?.price.input).toBe(2)
  })
})

describe('newer prices that the package has loaded', () => {
  let before: Provider[] = []
  const load = async (providers: Provider[]) => {
    updatePrices(({ setProviderData }) => setProviderData(providers))
    await waitForUpdate()
  }
  const openai = (...models: Provider['models']): Provider[] => [
    { id: 'openai', name: 'OpenAI', api_pattern: '', models },
  ]
  const model = (id: string, input_mtok: number, other = id): Provider['models'][number] => ({
    id,
    match: { or: [{ equals: id }, { equals: other }] },
    prices: { input_mtok, output_mtok: 8 },
  })
  const now = genaiPrices()
  const inputOf = (id: string) => now(target(id))?.price.input

  beforeAll(async () => {
    before = (await waitForUpdate())!
  })
  afterEach(() => load(before))

  it('are used from then on', async () => {
    expect(inputOf('openai/gpt-5')).toBe(1.25)
    await load(openai(model('gpt-5', 7)))
    expect(inputOf('openai/gpt-5')).toBe(7)
  })

  it('a name of two dated models is neither', async () => {
    await load(openai(model('gpt-7-2027-01-01', 1), model('gpt-7-2027-06-01', 2), model('gpt-8-latest', 3)))
    expect(
      ['gpt-7-2027-01-01', 'gpt-7', 'gpt-7-2027-12-01'].map((name) => inputOf(`openai/${name}`)),
    ).toEqual([1, undefined, undefined])
    expect(['gpt-8', 'gpt-8-2027-01-01'].map((name) => inputOf(`openai/${name}`))).toEqual([3, 3])
  })

  it('an id goes before another model’s other name', async () => {
    await load(openai(model('gpt-7-mini', 2), model('gpt-7', 1, 'gpt-7-mini')))
    expect(inputOf('openai/gpt-7-mini')).toBe(2)
  })
})

describe('prices of your own', () => {
  it('win, and fill in what the list does not have', () => {
    const own = genaiPrices({
      at: AT,
      overrides: { 'openai/gpt-5': { input: 1, output: 8 }, llama3: { input: 0, output: 0 } },
    })
    expect(own(target('openai/gpt-5'))).toEqual({ id: 'openai/gpt-5', price: { input: 1, output: 8 } })
    expect(own(target('ollama/llama3'))?.id).toBe('llama3')
    expect(own(target('openai/gpt-5-mini'))?.id).toBe('openai/gpt-5-mini')
  })

  it('are checked', () => {
    const make = () => genaiPrices({ overrides: { 'gpt-5': { input: -1, output: 8 } } })
    expect(make).toThrow("`overrides['gpt-5']['input']` is -1; use USD per million tokens")
  })

  it('and so is the date', () => {
    expect(() => genaiPrices({ at: new Date('yesterday') })).toThrow('`at` is not a date')
  })
})
