import { describe, expect, it, vi } from 'vitest'
import type { Fault } from '../src/index.ts'
import { chat, events, inTurn, message, post, QUICK, read, start } from './client.ts'

const STREAM = { stream: true, stream_options: { include_usage: true } }
/** Slow enough for several chunks. */
const SLOW = { ttftMs: 1, ttftSigma: 0, tokensPerSecond: 200 }
const LONG = 'x [[tokens=60]]'

function said(text: string): string[] {
  return events(text).flatMap((chunk) => chunk.choices[0]?.delta.content || [])
}

describe('faults in place of an answer', () => {
  it.each<[Fault, number, object, number, object]>([
    [{ kind: 'rate-limit' }, 429, { code: 'rate_limit_exceeded' }, 429, { type: 'rate_limit_error' }],
    [
      { kind: 'insufficient-quota' },
      429,
      { code: 'insufficient_quota' },
      400,
      { type: 'invalid_request_error' },
    ],
    [{ kind: 'overloaded' }, 503, { code: 'server_is_overloaded' }, 529, { type: 'overloaded_error' }],
    [{ kind: 'server-error' }, 500, { type: 'server_error' }, 500, { type: 'api_error' }],
  ])('%o', async (fault, openAiStatus, openAiError, anthropicStatus, anthropicError) => {
    await using provider = await start({ models: { m: { ...QUICK, rpm: 100 } } })
    provider.inject({ ...fault, times: 2 })
    const first = await chat(provider, 'x')
    const second = await message(provider, 'x')
    expect([first.status, second.status]).toEqual([openAiStatus, anthropicStatus])
    expect(first.json.error).toMatchObject(openAiError)
    expect(second.json).toMatchObject({
      type: 'error',
      error: anthropicError,
      request_id: expect.any(String),
    })
    expect((await chat(provider, 'x')).status).toBe(200)
    const stats = provider.stats().models['m']
    expect(stats).toMatchObject({ admitted: 1, faults: { [fault.kind]: 2 }, rejected: { total: 0 } })
    expect(stats?.limits[0]?.charged).toBe(1)
  })

  it('a 429 burst with its hint, or with none at all', async () => {
    await using provider = await start({ models: { m: { ...QUICK, rpm: 100 } } })
    provider.inject({ kind: 'rate-limit', retryAfterMs: 1500 })
    provider.inject({ kind: 'rate-limit' })
    const [hinted, bare] = await inTurn(2, () => chat(provider, 'x'))
    expect(hinted?.headers.get('retry-after')).toBe('2')
    expect(hinted?.headers.get('retry-after-ms')).toBe('1500')
    const names = [...(bare?.headers.keys() ?? [])]
    expect(names.filter((name) => /ratelimit|retry/.test(name))).toEqual([])
  })

  it('a reset connection, before or after the request was charged', async () => {
    await using provider = await start({ models: { m: { ...QUICK, rpm: 100 } } })
    provider.inject({ kind: 'connection-reset' })
    await expect(chat(provider, 'x')).rejects.toThrow('fetch failed')
    expect(provider.stats().models['m']).toMatchObject({ admitted: 0, byStatus: { none: 1 } })
    provider.inject({ kind: 'connection-reset', charged: true })
    await expect(chat(provider, 'x')).rejects.toThrow('fetch failed')
    expect(provider.stats().models['m']).toMatchObject({ admitted: 1, abortedByClient: 0, completed: 0 })
    await vi.waitFor(() => expect(provider.stats().total.inFlight).toBe(0))
    expect(provider.stats().models['m']?.limits[0]?.charged).toBe(1)
  })
})

describe('faults within an answer', () => {
  it('slow-first-token: later, but whole', async () => {
    await using provider = await start()
    provider.inject({ kind: 'slow-first-token', ms: 300 })
    const [slow, quick] = await inTurn(2, async () => {
      const before = performance.now()
      const { status } = await chat(provider, 'x', STREAM)
      return { status, took: performance.now() - before }
    })
    expect([slow?.status, quick?.status]).toEqual([200, 200])
    expect(slow?.took).toBeGreaterThan(2 * (quick?.took ?? 0))
  })

  it('stall: so many chunks, then silence on an open socket', async () => {
    await using provider = await start({ models: { m: SLOW } })
    provider.inject({ kind: 'stall', afterChunks: 2 })
    const leave = new AbortController()
    const response = await fetch(`${provider.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', ...STREAM, messages: [{ role: 'user', content: LONG }] }),
      signal: leave.signal,
    })
    let text = ''
    const reading = (async () => {
      for await (const piece of response.body ?? []) text += Buffer.from(piece).toString()
    })()
    await vi.waitFor(() => expect(said(text)).toHaveLength(2))
    // Longer than the rest would have taken.
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(said(text)).toHaveLength(2)
    expect(provider.stats().total.inFlight).toBe(1)
    leave.abort()
    await expect(reading).rejects.toThrow('aborted')
    await vi.waitFor(() => expect(provider.stats().total).toMatchObject({ inFlight: 0, abortedByClient: 1 }))
  })

  it('stall for a time: the answer still comes whole, streamed or not', async () => {
    await using provider = await start({ models: { m: SLOW } })
    const whole = (await chat(provider, LONG)).json.choices[0].message.content
    provider.inject({ kind: 'stall', forMs: 50, times: 2 })
    expect(said((await chat(provider, LONG, STREAM)).text).join('')).toBe(whole)
    expect((await chat(provider, LONG)).json.choices[0].message.content).toBe(whole)
  })

  it('keep-alive-only: comments, pings or blank lines before the content', async () => {
    await using provider = await start()
    provider.inject({ kind: 'keep-alive-only', everyMs: 5, forMs: 30, times: 3 })
    const stream = (await chat(provider, 'x', STREAM)).text
    expect(stream).toMatch(/^(: keep-alive\n\n){6}data: /)
    expect((await message(provider, 'x', { stream: true })).text).toMatch(
      /^(event: ping\ndata: .*\n\n){6}event: m/,
    )
    const whole = await chat(provider, 'x')
    expect(whole.text).toMatch(/^\n{6}\{/)
    expect(whole.json.choices).toHaveLength(1)
  })

  it('cut: the socket goes in the midst', async () => {
    await using provider = await start({ models: { m: SLOW } })
    provider.inject({ kind: 'cut', times: 2 })
    const body = { model: 'm', messages: [{ role: 'user', content: LONG }] }
    const call = async (more: object): Promise<unknown> => {
      const init = { method: 'POST', body: JSON.stringify({ ...body, ...more }) }
      const response = await fetch(`${provider.url}/v1/chat/completions`, init)
      expect(response.status).toBe(200)
      return read(response)
    }
    await expect(call(STREAM)).rejects.toThrow('terminated')
    await expect(call({})).rejects.toThrow('terminated')
    await vi.waitFor(() => expect(provider.stats().total.inFlight).toBe(0))
    expect(provider.stats().total).toMatchObject({ completed: 0, abortedByClient: 0, faults: { cut: 2 } })
  })

  it('error-event: after so many chunks, then the end; never for an answer in one piece', async () => {
    await using provider = await start({ models: { m: SLOW } })
    provider.inject({ kind: 'error-event', afterChunks: 2, times: 2 })
    expect((await chat(provider, LONG)).status).toBe(200)
    const openAi = await chat(provider, LONG, STREAM)
    expect(openAi.status).toBe(200)
    expect(events(openAi.text).at(-1)).toMatchObject({ error: { type: 'server_error' } })
    expect(events(openAi.text).filter((chunk) => chunk.choices?.[0]?.delta.content)).toHaveLength(2)
    expect(openAi.text).not.toContain('[DONE]')
    const { text } = await message(provider, LONG, { stream: true })
    expect(text).toContain('event: error\ndata: {"type":"error","error":{"type":"overloaded_error"')
    expect(text).not.toContain('message_stop')
  })

  it('malformed: data or a body that is no JSON', async () => {
    await using provider = await start()
    provider.inject({ kind: 'malformed', times: 2 })
    const { text } = await chat(provider, 'x', STREAM)
    expect(() => events(text)).toThrow(SyntaxError)
    expect(text).toContain('[DONE]')
    const whole = await chat(provider, 'x')
    expect(whole.status).toBe(200)
    expect(whole.json).toBeUndefined()
  })

  it('missing-usage: an answer that is whole but for it', async () => {
    await using provider = await start()
    provider.inject({ kind: 'missing-usage', times: 4 })
    const whole = await chat(provider, 'x')
    expect([whole.status, whole.json.usage]).toEqual([200, undefined])
    expect((await chat(provider, 'x', STREAM)).text).not.toContain('usage')
    expect((await message(provider, 'x', { stream: true })).text).not.toContain('usage')
    const embedding = await post(provider, '/v1/embeddings', { model: 'm', input: 'x' })
    expect([embedding.status, embedding.json.usage]).toEqual([200, undefined])
    expect((await chat(provider, 'x')).json.usage.total_tokens).toBeGreaterThan(0)
  })

  it('wrong-answer: as long and as dear as the right one, whole or streamed', async () => {
    await using provider = await start({ models: { m: SLOW } })
    const right = (await chat(provider, LONG)).json
    provider.inject({ kind: 'wrong-answer', times: 4 })
    const wrong = (await chat(provider, LONG)).json
    const text = right.choices[0].message.content
    expect(wrong.choices[0].message.content).toBe(text.replace(/^\w+/, 'WRONG'))
    expect([wrong.usage, wrong.choices[0].finish_reason]).toEqual([right.usage, 'stop'])
    expect(said((await chat(provider, LONG, STREAM)).text).join('')).toMatch(/^WRONG (?!.*WRONG)/)
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }]
    const called = (await chat(provider, 'x [[tool=weather {"city":"Paris"}]]', { tools })).json
    expect(called.choices[0].message.tool_calls[0].function).toEqual({ name: 'weather', arguments: '{}' })
    const schema = { type: 'object', properties: { city: { type: 'string' } } }
    const asked = { response_format: { type: 'json_schema', json_schema: { name: 'o', schema } } }
    expect((await chat(provider, 'x', asked)).json.choices[0].message.content).toBe('{}')
    expect(JSON.parse((await chat(provider, 'x', asked)).json.choices[0].message.content)).toEqual({
      city: 'text',
    })
    expect(provider.stats().total).toMatchObject({ completed: 6, faults: { 'wrong-answer': 4 } })
  })
})

async function withRate(seed: number): Promise<number[]> {
  await using provider = await start({ seed, faults: [{ kind: 'overloaded', rate: 0.3 }] })
  return await inTurn(60, async () => (await chat(provider, 'x')).status)
}

describe('which requests a fault meets', () => {
  it('those of its model, after so many, so many times', async () => {
    await using provider = await start()
    provider.inject({ kind: 'server-error', model: 'a', afterRequests: 2, times: 2 })
    const ask = (model: string) => async () => (await chat(provider, 'x', { model })).status
    expect(await inTurn(3, ask('b'))).toEqual([200, 200, 200])
    expect(await inTurn(6, ask('a'))).toEqual([200, 200, 500, 500, 200, 200])
  })

  it('a share of them, the same for the same seed', async () => {
    const [first, again, other] = [await withRate(3), await withRate(3), await withRate(4)]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    const share = first.filter((status) => status === 503).length / first.length
    expect(share).toBeGreaterThan(0.1)
    expect(share).toBeLessThan(0.5)
  })

  it('none once cleared', async () => {
    await using provider = await start()
    provider.inject({ kind: 'server-error', rate: 1 })
    expect((await chat(provider, 'x')).status).toBe(500)
    provider.clearFaults()
    expect((await chat(provider, 'x')).status).toBe(200)
  })
})
