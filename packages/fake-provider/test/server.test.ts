import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { type FakeProviderOptions, startFakeProvider } from '../src/index.ts'
import { chat, inTurn, message, post, QUICK, read, start } from './client.ts'

describe('requests at fault', () => {
  it.each([
    ['/v1/chat/completions', '{"model":', 400, 'could not parse'],
    ['/v1/chat/completions', '[]', 400, 'could not parse'],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }, 400, "parameter: 'model'"],
    ['/v1/chat/completions', { model: 'm', messages: 'x' }, 400, "Invalid 'messages'"],
    ['/v1/chat/completions', { model: 'm', messages: [{}] }, 400, "'messages[0].role'"],
    [
      '/v1/chat/completions',
      { model: 'm', messages: [{ role: 'user', content: 4 }] },
      400,
      'messages[0].content',
    ],
    [
      '/v1/chat/completions',
      { model: 'm', max_tokens: 0, messages: [{ role: 'user' }] },
      400,
      "Invalid 'max_tokens'",
    ],
    ['/v1/chat/completions', { model: 'q', messages: [] }, 404, 'The model `q` does not exist'],
    ['/v1/batches', {}, 404, 'Invalid URL (POST /v1/batches)'],
    ['/__faults', { kind: 'fire' }, 400, 'fault.kind must be one of'],
    ['/__consume', { model: 'm', unit: 'tokens', amount: 5 }, 400, "no limit on model 'm'"],
    ['/v1/chat/completions', 'x'.repeat(2000), 413, 'larger than 1000 bytes'],
  ])('%s %o', async (path, body, status, text) => {
    await using provider = await start({ models: { m: QUICK }, maxBodyBytes: 1000 })
    const answer = await post(provider, path, body)
    expect(answer.status).toBe(status)
    expect(answer.json.error.message).toContain(text)
    // The server lives on.
    expect((await chat(provider, 'x')).status).toBe(200)
  })

  it('a wrong method', async () => {
    await using provider = await start()
    const answer = await read(await fetch(`${provider.url}/v1/messages`))
    expect(answer.status).toBe(405)
    expect(answer.json).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  })

  it('a wrong key', async () => {
    await using provider = await start({ apiKeys: ['right'] })
    const body = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] }
    const openAi = (key: string) =>
      post(provider, '/v1/chat/completions', body, { authorization: `Bearer ${key}` })
    const anthropic = (key: string) => post(provider, '/v1/messages', body, { 'x-api-key': key })
    expect((await openAi('right')).status).toBe(200)
    expect((await anthropic('right')).status).toBe(200)
    expect((await openAi('wrong')).json.error.code).toBe('invalid_api_key')
    expect((await anthropic('wrong')).json.error.type).toBe('authentication_error')
    expect((await chat(provider, 'x')).status).toBe(401)
  })
})

describe('a server', () => {
  it('closes with requests in flight, and may be closed again', async () => {
    const provider = await start({ models: { m: { ttftMs: 60_000 } } })
    const pending = chat(provider, 'x')
    await vi.waitFor(() => expect(provider.stats().total.inFlight).toBe(1))
    await Promise.all([provider.close(), expect(pending).rejects.toThrow('fetch failed')])
    expect(provider.stats().total.inFlight).toBe(0)
    await expect(provider.close()).resolves.toBeUndefined()
  })

  it('resets its counters and buckets, and tells them over HTTP', async () => {
    await using provider = await start({ minuteMs: 3_600_000, models: { m: { ...QUICK, rpm: 1 } } })
    const statuses = () => inTurn(2, async () => (await chat(provider, 'x')).status)
    expect(await statuses()).toEqual([200, 429])
    const told = await read(await fetch(`${provider.url}/__stats`))
    expect(told.json).toMatchObject({
      total: { received: 2, admitted: 1 },
      models: { m: { tokenBias: expect.any(Number) } },
    })
    expect((await post(provider, '/__reset', '')).status).toBe(200)
    expect(provider.stats().total).toMatchObject({ received: 0, byStatus: {} })
    expect(await statuses()).toEqual([200, 429])
    await post(provider, '/__reset', '')
    expect((await post(provider, '/__consume', { model: 'm', unit: 'requests', amount: 1 })).json).toEqual({
      taken: true,
    })
    expect(await statuses()).toEqual([429, 429])
    await post(provider, '/__faults', { kind: 'server-error', rate: 1 })
    expect((await chat(provider, 'x')).status).toBe(500)
    await fetch(`${provider.url}/__faults`, { method: 'DELETE' })
    expect((await chat(provider, 'x')).status).toBe(429)
  })

  it('remembers what the latest client request ids were charged and given, the cache included', async () => {
    const m = { ...QUICK, rpm: 5, tpm: 100_000, charge: 'actual' as const, promptCache: { minTokens: 100 } }
    await using provider = await start({
      minuteMs: 3_600_000,
      models: { m },
      trackClientRequests: 2,
    })
    const text = 'word '.repeat(1000)
    const ask = (id: string, words: string) => {
      const messages = [
        { role: 'system', content: text },
        { role: 'user', content: `${words} [[tokens=40]]` },
      ]
      const body = { model: 'm', max_tokens: 500, messages }
      return post(provider, '/v1/chat/completions', body, { 'x-client-request-id': id })
    }
    const system = [{ type: 'text', text, cache_control: { type: 'ephemeral' } }]
    const body = { model: 'm', max_tokens: 500, system, messages: [{ role: 'user', content: 'x' }] }
    await ask('a', 'x')
    const { json } = await post(provider, '/v1/messages', body, { 'x-client-request-id': 'b' })
    const answers = [
      await ask('c', 'one'),
      await ask('c', 'two'),
      await ask('c', 'three'),
      await ask('c', 'y'),
    ]
    const usages = answers.slice(0, 3).map((answer) => answer.json.usage)
    const sum = (of: (usage: (typeof usages)[number]) => number): number =>
      usages.reduce((total, usage) => total + of(usage), 0)
    await vi.waitFor(() => expect(provider.stats().total.inFlight).toBe(0))
    const { clientRequests, total } = provider.stats()
    expect(Object.keys(clientRequests)).toEqual(['b', 'c'])
    expect(clientRequests['c']).toEqual({
      attempts: 4,
      admitted: 3,
      completed: 3,
      byStatus: { 200: 3, 429: 1 },
      promptTokens: sum((usage) => usage.prompt_tokens),
      cachedTokens: sum((usage) => usage.prompt_tokens_details.cached_tokens),
      writtenTokens: 0,
      completionTokens: 120,
      chargedTokens: sum((usage) => usage.total_tokens),
    })
    expect(clientRequests['c']?.cachedTokens).toBeGreaterThan(2000)
    const { cache_creation_input_tokens: written, cache_read_input_tokens: cached } = json.usage
    // The same text is there from the first request: it is read, and nothing is written anew.
    expect([written, cached > 800]).toEqual([0, true])
    expect(clientRequests['b']).toMatchObject({ cachedTokens: cached, writtenTokens: 0 })
    expect(total.cachedTokens).toBe(cached + (clientRequests['c']?.cachedTokens ?? 0))
  })

  it('stops generating for a client that does not read', async () => {
    const m = { ttftMs: 1, tokensPerSecond: 4_000_000, maxOutputTokens: 4_000_000 }
    await using provider = await start({ models: { m } })
    const leave = new AbortController()
    const response = await fetch(`${provider.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'm',
        stream: true,
        messages: [{ role: 'user', content: '[[tokens=4000000]]' }],
      }),
      signal: leave.signal,
    })
    expect(response.status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(provider.stats().total.completionTokens).toBeLessThan(3_000_000)
    leave.abort()
    await vi.waitFor(() => expect(provider.stats().total).toMatchObject({ inFlight: 0, abortedByClient: 1 }))
  })

  it('knows only so many models by star', async () => {
    await using provider = await start({ models: { '*': QUICK, named: QUICK } })
    const ids = Array.from({ length: 257 }, (_, index) => `m${index}`)
    const answers = await Promise.all(ids.map((model) => chat(provider, 'x', { model })))
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(1)
    expect((await chat(provider, 'x', { model: 'named' })).status).toBe(200)
  })

  it('draws a bias of its own for each model, within 15 %', async () => {
    await using provider = await start()
    const ids = Array.from({ length: 40 }, (_, index) => `model-${index}`)
    await Promise.all(ids.map((model) => message(provider, 'x', { model })))
    const biases = Object.values(provider.stats().models).map(({ tokenBias }) => tokenBias)
    expect(new Set(biases).size).toBe(40)
    expect(Math.min(...biases)).toBeGreaterThanOrEqual(0.85)
    expect(Math.max(...biases)).toBeLessThanOrEqual(1.15)
    expect(Math.max(...biases) - Math.min(...biases)).toBeGreaterThan(0.2)
  })
})

describe('options', () => {
  it.each<[unknown, string]>([
    [{ minuteMs: 0 }, 'options.minuteMs must be a finite number, above 0, not 0'],
    [{ sead: 1 }, 'options.sead is not an option: take it out or use one of port, seed'],
    [{ models: {} }, "options.models is empty: add a model id, or '*' for any"],
    [{ models: { m: { rpm: -1 } } }, 'options.models.m.rpm must be a finite number, at least 1, not -1'],
    [
      { models: { m: { tpm: Number.NaN } } },
      'options.models.m.tpm must be a finite number, at least 1, not NaN',
    ],
    [{ models: { m: { rpm: '5' } } }, "options.models.m.rpm must be a number, not '5'"],
    [
      { models: { m: { algorithm: 'leaky' } } },
      'options.models.m.algorithm must be one of token-bucket, fixed-window',
    ],
    [{ models: { m: { limits: [{ unit: 'tokens' }] } } }, 'options.models.m.limits[0].amount is missing'],
    [
      { models: { m: { algorithm: 'fixed-window', limits: [{ unit: 'tokens', amount: 5, burst: 9 }] } } },
      'options.models.m.limits[0].burst is for a token-bucket',
    ],
    [
      { models: { m: { limits: [{ unit: 'tokens', amount: 5, phaseMs: 1 }] } } },
      'options.models.m.limits[0].phaseMs is for a fixed-window',
    ],
    [{ models: { m: { sameLimitsAs: 'q' } } }, 'options.models.m.sameLimitsAs must name a model'],
    [
      { models: { m: { rpm: 5, sameLimitsAs: 'q' } } },
      'options.models.m.sameLimitsAs excludes limits of its own',
    ],
    [
      { models: { m: { admissionDelayMs: { min: 5, max: 2 } } } },
      'options.models.m.admissionDelayMs.max must be',
    ],
    [{ faults: [{ kind: 'cut', times: 0 }] }, 'options.faults[0].times must be a whole number, at least 1'],
    [{ faults: [{ kind: 'slow-first-token' }] }, 'options.faults[0].ms is missing'],
    [{ faults: [{ kind: 'cut', ms: 4 }] }, 'options.faults[0].ms is not an option'],
    [{ apiKeys: 'k' }, 'options.apiKeys must be an array of strings'],
  ])('%o', async (options, expected) => {
    await expect(startFakeProvider(options as FakeProviderOptions)).rejects.toThrow(expected)
  })
})

describe('the command', () => {
  const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))

  it('tells its URL, serves, and goes when told to', async () => {
    const child = fork(bin, ['--rpm', '1', '--minute-ms', '3600000', '--ttft-ms', '1'], { silent: true })
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    const provider = { url } as Parameters<typeof chat>[0]
    expect(await inTurn(2, async () => (await chat(provider, 'x')).status)).toEqual([200, 429])
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('leaves no timer behind: with requests in flight it ends all the same', async () => {
    const child = fork(bin, ['--ttft-ms', '100000'], { silent: true })
    const [provider] = (await once(child, 'message')) as [Parameters<typeof chat>[0]]
    const pending = Promise.allSettled([chat(provider, 'x'), chat(provider, 'x', { stream: true })])
    await vi.waitFor(async () => {
      const told = await read(await fetch(`${provider.url}/__stats`))
      expect(told.json).toMatchObject({ total: { inFlight: 2 } })
    })
    child.kill('SIGTERM')
    // The command does not call exit: a timer or a socket left would keep it for 100 s.
    expect(await once(child, 'exit')).toEqual([0, null])
    expect((await pending).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('goes when its parent lets go of it', async () => {
    const child = fork(bin, [], { silent: true })
    await once(child, 'message')
    child.disconnect()
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('names a flag at fault', async () => {
    const child = fork(bin, ['--rpm=-4'], { silent: true })
    let text = ''
    child.stderr?.on('data', (piece: Buffer) => (text += piece.toString()))
    expect(await once(child, 'close')).toEqual([1, null])
    expect(text).toContain('options.models.*.rpm must be a finite number, at least 1, not -4')
  })
})
