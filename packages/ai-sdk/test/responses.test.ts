import { describe, expect, it } from 'vitest'
import { VERSIONS } from './clients.ts'
import type { Client } from './clients.ts'
import { QUICK, rejection, startFake, until } from './support.ts'

const WEATHER = 'What is the weather? [[tool=weather {"city":"Paris"}]]'

/** The fake provider's Responses API, as the real clients read it: they check every event and object by their schemas. */
describe.each(VERSIONS)("OpenAI's Responses API, with %s", (_, createClient) => {
  it('answers, whole and streamed, with its usage', async () => {
    await using server = await startFake()
    const client = createClient(server)
    const whole = await client.text('Hello')
    const { parts, answer } = await client.stream('Hello')
    expect(parts).toEqual([
      'start',
      'start-step',
      'text-start',
      'text-delta',
      'text-end',
      'finish-step',
      'finish',
    ])
    expect(answer).toMatchObject({ text: whole.text, finishReason: 'stop' })
    expect(whole.usage.outputTokens).toBe(20)
    const { promptTokens, completionTokens } = server.stats().total
    for (const usage of [whole.usage, answer?.usage]) {
      expect([usage?.inputTokens, usage?.outputTokens]).toEqual([promptTokens / 2, completionTokens / 2])
    }
    expect(whole.providerMetadata).toMatchObject({ openai: { serviceTier: 'default' } })
    expect(answer?.providerMetadata).toMatchObject({ openai: { serviceTier: 'default' } })
  })

  it('counts its own answer when it is sent back', async () => {
    await using server = await startFake({ models: { '*': { ...QUICK, tokenBias: 1 } } })
    const [first, second] = await createClient(server).chat('Hello')
    const answered = (first?.outputTokens ?? 0) + 4
    expect(second?.inputTokens).toBe(2 * (first?.inputTokens ?? 0) - 3 + answered)
  })

  it('calls tools and takes their results, whole and streamed', async () => {
    await using server = await startFake()
    const client = createClient(server)
    const expected = { steps: 2, outputs: ['Paris: sunny'] }
    expect(await client.tools(WEATHER, 'whole')).toEqual(expected)
    expect(await client.tools(WEATHER, 'streamed')).toEqual(expected)
  })

  it('gives objects', async () => {
    await using server = await startFake()
    expect(await createClient(server).object('Weather')).toEqual({ city: 'text', celsius: 1 })
  })

  it('is left in its midst', async () => {
    await using server = await startFake({ faults: [{ kind: 'stall', times: 2 }] })
    const client = createClient(server)
    const leave = new AbortController()
    const calls = [rejection(client.text('Hello', { abortSignal: leave.signal, maxRetries: 0 }))]
    calls.push(client.stream('Hello', { abortSignal: leave.signal }))
    await until(() => server.stats().total.inFlight === 2)
    leave.abort()
    const [error, streamed] = await Promise.all(calls)
    expect([error, streamed]).toMatchObject([{ name: 'AbortError' }, { answer: undefined }])
    await until(() => server.stats().total.abortedByClient === 2)
  })

  it.each([
    ['error-event', 0, ['start', 'error'], /server had an error/],
    ['error-event', 1, ['text-delta', 'error', 'finish-step', 'finish'], /server had an error/],
    ['cut', 0, ['start', 'error'], /Failed to process/],
    ['cut', 1, ['text-delta', 'thrown'], /Failed to process/],
    ['malformed', 1, ['finish-step', 'finish'], /JSON parsing failed/],
  ] as const)('with %s after %i chunks says so', async (kind, afterChunks, parts, message) => {
    await using server = await startFake({ models: { '*': { ...QUICK, tokensPerSecond: 200 } } })
    server.inject({ kind, afterChunks })
    const streamed = await createClient(server).stream('Hello', { maxRetries: 0 })
    expect(streamed.parts.slice(-parts.length)).toEqual(parts)
    expect(streamed.errors).toMatchObject([{ message: expect.stringMatching(message) }])
  })

  it.each(['keep-alive-only', 'stall'] as const)('survives a %s that ends', async (kind) => {
    await using server = await startFake()
    server.inject({ kind, forMs: 60, times: 2 })
    const client = createClient(server)
    expect(await streamedText(client)).toBe((await client.text('Hello')).text)
  })

  it('retries what may be retried', async () => {
    await using server = await startFake({ faults: [{ kind: 'overloaded', retryAfterMs: 10 }] })
    expect((await createClient(server).text('Hello')).text).not.toBe('')
    expect(server.stats().total.byStatus).toEqual({ 200: 1, 503: 1 })
  })
})

async function streamedText(client: Client): Promise<string | undefined> {
  return (await client.stream('Hello')).answer?.text
}
