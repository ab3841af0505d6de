import { describe, expect, it, vi } from 'vitest'
import type { ModelOptions } from '../src/index.ts'
import { chat, type Answer, inTurn, message, QUICK, start } from './client.ts'

/** A minute long enough that nothing comes back during a test. */
const HOUR = 3_600_000

function statuses(answers: Answer[]): number[] {
  return answers.map(({ status }) => status)
}

describe.each(['token-bucket', 'fixed-window', 'sliding-window'] as const)('a %s', (algorithm) => {
  it('lets exactly its requests through, then refuses and says why', async () => {
    const m = { ...QUICK, algorithm, rpm: 3 }
    await using provider = await start({ minuteMs: HOUR, models: { m } })
    const answers = await inTurn(5, () => chat(provider, 'x'))
    expect(statuses(answers)).toEqual([200, 200, 200, 429, 429])
    const remaining = answers.map(({ headers }) => headers.get('x-ratelimit-remaining-requests'))
    expect(remaining).toEqual(['2', '1', '0', '0', '0'])
    const refused = answers[3]
    expect(refused?.json.error).toMatchObject({ type: 'requests', param: null, code: 'rate_limit_exceeded' })
    expect(refused?.json.error.message).toMatch(
      /^Rate limit reached for m in .* on requests per min \(RPM\): Limit 3, Used 3, Requested 1\. Please try again in \d/,
    )
    const { total, models } = provider.stats()
    expect(total).toMatchObject({ received: 5, admitted: 3, completed: 3, byStatus: { 200: 3, 429: 2 } })
    expect(total.rejected).toMatchObject({ requests: 2, total: 2, tokens: 0 })
    expect(models['m']?.limits).toMatchObject([
      { unit: 'requests', amount: 3, perMs: HOUR, algorithm, burst: 3, charged: 3, refused: 2 },
    ])
    expect(models['m']?.limits[0]?.peak).toBeLessThanOrEqual(3)
  })

  it('lets in again after the time it names', async () => {
    const m = { ...QUICK, algorithm, rpm: 2 }
    await using provider = await start({ minuteMs: 200, models: { m } })
    // A fixed window may end between two requests; more of them than two windows hold are refused at some time.
    const refused = (await inTurn(5, () => chat(provider, 'x'))).find(({ status }) => status === 429)
    expect(refused?.headers.get('retry-after')).toBe('1')
    const wait = Number(refused?.headers.get('retry-after-ms'))
    await new Promise((resolve) => setTimeout(resolve, wait))
    expect((await chat(provider, 'x')).status).toBe(200)
  })
})

/** What a request was charged beyond its prompt. */
async function chargedForOutput(options: ModelOptions, more: Record<string, unknown>): Promise<number> {
  const m = { ...QUICK, tokenBias: 1, tpm: 10_000, ...options }
  await using provider = await start({ minuteMs: HOUR, models: { m } })
  const { json } = await chat(provider, 'x [[tokens=50]]', more)
  const { prompt_tokens: prompt } = json.usage
  await vi.waitFor(() => expect(provider.stats().total.completed).toBe(1))
  const [limit] = provider.stats().models['m']?.limits ?? []
  return (limit?.charged ?? 0) - (limit?.refunded ?? 0) - prompt
}

describe('tokens', () => {
  it('sum: prompt and max_tokens, or the output as it comes', async () => {
    expect(await chargedForOutput({ charge: 'sum' }, { max_tokens: 400 })).toBe(400)
    expect(await chargedForOutput({ charge: 'sum' }, {})).toBe(50)
  })

  it('max: the larger of the two', async () => {
    expect(await chargedForOutput({ charge: 'max' }, {})).toBe(0)
    const m = { ...QUICK, tokenBias: 1, tpm: 10_000, charge: 'max' as const }
    await using provider = await start({ minuteMs: HOUR, models: { m } })
    await chat(provider, 'x [[tokens=5]]', { max_tokens: 400 })
    expect(provider.stats().models['m']?.limits[0]?.charged).toBe(400)
  })

  it('actual: what was reserved and not used comes back', async () => {
    expect(await chargedForOutput({ charge: 'actual' }, { max_tokens: 400 })).toBe(50)
    expect(
      await chargedForOutput({ charge: 'actual', algorithm: 'sliding-window' }, { max_tokens: 400 }),
    ).toBe(50)
    expect(await chargedForOutput({ charge: 'actual' }, {})).toBe(50)
  })

  it('tells a request that can never fit, and takes nothing for it', async () => {
    const m = { ...QUICK, tpm: 100, rpm: 10 }
    await using provider = await start({ minuteMs: HOUR, models: { m } })
    const { status, json, headers } = await chat(provider, 'x', { max_tokens: 1000 })
    expect(status).toBe(429)
    expect(json.error).toMatchObject({ type: 'tokens', code: 'rate_limit_exceeded' })
    expect(json.error.message).toMatch(/^Request too large for m .* \(TPM\): Limit 100, Requested 10\d\d\./)
    expect(headers.get('retry-after')).toBeNull()
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('10')
    expect(provider.stats().total.rejected).toMatchObject({ tooLarge: 1, total: 1, tokens: 0 })
  })

  it('counts Anthropic output as it is generated, whatever max_tokens says', async () => {
    const m = { ...QUICK, itpm: 10_000, otpm: 60, rpm: 100 }
    await using provider = await start({ minuteMs: HOUR, models: { m } })
    const ask = (): Promise<Answer> => message(provider, 'x [[tokens=50]]', { max_tokens: 5000 })
    const answers = await inTurn(3, ask)
    expect(statuses(answers)).toEqual([200, 200, 429])
    expect(answers[2]?.json).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
    expect(answers[2]?.json.error.message).toContain('60 output tokens per min')
    const { limits } = provider.stats().models['m'] ?? {}
    expect(limits?.find(({ unit }) => unit === 'output')).toMatchObject({
      charged: 100,
      peak: expect.closeTo(100, 0),
    })
  })
})

describe('headers', () => {
  it('are those of OpenAI', async () => {
    const m = { ...QUICK, rpm: 60, tpm: 6000, tokenBias: 1 }
    await using provider = await start({ models: { m } })
    const { headers } = await chat(provider, 'x', { max_tokens: 100 })
    expect(headers.get('x-ratelimit-limit-requests')).toBe('60')
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('59')
    expect(headers.get('x-ratelimit-limit-tokens')).toBe('6000')
    expect(headers.get('x-ratelimit-reset-tokens')).toMatch(/^(\d+ms|1(\.\d+)?s)$/)
    expect(headers.get('retry-after')).toBeNull()
  })

  it('are those of Anthropic, with the tightest as tokens', async () => {
    const m = { ...QUICK, rpm: 60, itpm: 90_000, otpm: 2000 }
    await using provider = await start({
      minuteMs: HOUR,
      models: { m, rounded: { ...m, roundRemaining: true } },
    })
    const before = Date.now()
    const { headers } = await message(provider, 'x [[tokens=100]]')
    const get = (name: string): string | null => headers.get(`anthropic-ratelimit-${name}`)
    expect([get('requests-limit'), get('requests-remaining')]).toEqual(['60', '59'])
    expect([get('output-tokens-limit'), get('output-tokens-remaining')]).toEqual(['2000', '1900'])
    expect([get('tokens-limit'), get('tokens-remaining')]).toEqual(['2000', '1900'])
    expect(get('input-tokens-limit')).toBe('90000')
    const reset = get('output-tokens-reset') ?? ''
    expect(new Date(reset).toISOString()).toBe(reset)
    expect(Date.parse(reset)).toBeGreaterThan(before)
    const rounded = await message(provider, 'x', { model: 'rounded' })
    expect(rounded.headers.get('anthropic-ratelimit-input-tokens-remaining')).toBe('90000')
  })

  it('give Anthropic a wait in fractions of a second', async () => {
    await using provider = await start({ minuteMs: 1000, models: { m: { ...QUICK, rpm: 1 } } })
    const [, refused] = await inTurn(2, () => message(provider, 'x'))
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(1)
  })
})

describe('limits', () => {
  it('belong to a model each, or are shared', async () => {
    const models = { '*': { ...QUICK, rpm: 1 }, a: { ...QUICK, rpm: 1 }, b: { ...QUICK, sameLimitsAs: 'a' } }
    await using provider = await start({ minuteMs: HOUR, models })
    const ask = async (model: string): Promise<number> => (await chat(provider, 'x', { model })).status
    expect([await ask('x'), await ask('y'), await ask('x')]).toEqual([200, 200, 429])
    expect([await ask('b'), await ask('a')]).toEqual([200, 429])
    expect(provider.stats().models['b']?.limitsOf).toBe('a')
  })

  it('count refused requests when told so', async () => {
    const m = {
      ...QUICK,
      algorithm: 'fixed-window' as const,
      rpm: 5,
      tpm: 100,
      tokenBias: 1,
      countRejected: true,
    }
    await using provider = await start({ minuteMs: HOUR, models: { m } })
    const answers = await inTurn(6, () => chat(provider, 'x', { max_tokens: 80 }))
    expect(statuses(answers)).toEqual([200, 429, 429, 429, 429, 429])
    expect(answers.slice(1).every(({ json }) => json.error.type === 'tokens')).toBe(true)
    expect(answers.at(-1)?.headers.get('x-ratelimit-remaining-requests')).toBe('0')
    expect(provider.stats().models['m']?.limits[0]).toMatchObject({ charged: 5 })
  })

  it('are used up by other processes too', async () => {
    await using provider = await start({ minuteMs: HOUR, models: { m: { ...QUICK, rpm: 3 } } })
    expect(provider.consume({ model: 'm', unit: 'requests', amount: 2 })).toBe(true)
    expect(provider.consume({ model: 'm', unit: 'requests', amount: 2 })).toBe(false)
    expect(statuses(await inTurn(2, () => chat(provider, 'x')))).toEqual([200, 429])
    expect(provider.stats().models['m']?.limits[0]).toMatchObject({ foreign: 2, charged: 1 })
  })

  it('hold slots until the answer is sent or the client is gone', async () => {
    const m = { ttftMs: 20, ttftSigma: 0, tokensPerSecond: 100, concurrency: 2 }
    await using provider = await start({ models: { m } })
    const leave = new AbortController()
    const body = JSON.stringify({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: '[[tokens=5000]]' }],
    })
    const open = await Promise.all(
      [1, 2].map(() =>
        fetch(`${provider.url}/v1/chat/completions`, { method: 'POST', body, signal: leave.signal }),
      ),
    )
    expect(open.map(({ status }) => status)).toEqual([200, 200])
    const refused = await chat(provider, 'x')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBeNull()
    expect(refused.json.error).toMatchObject({ type: 'requests' })
    leave.abort()
    await vi.waitFor(() => expect(provider.stats().total.inFlight).toBe(0))
    const stats = provider.stats().models['m']
    expect(stats).toMatchObject({ abortedByClient: 2, completed: 0, peakInFlight: 2, admitted: 2 })
    expect(stats?.rejected.concurrency).toBe(1)
    expect(stats?.slotMs).toBeGreaterThan(0)
    expect(stats?.completionTokens).toBeLessThan(5000)
    expect((await chat(provider, 'x [[tokens=1]]')).status).toBe(200)
  })
})
