import { describe, expect, it } from 'vitest'
import { type Body, chat, events, inTurn, QUICK, respond, start } from './client.ts'

const TOOLS = [{ type: 'function', name: 'look-up', parameters: { type: 'object' } }]
const ASK_TOOL = 'Find it [[tool=look-up {"id":"a b"}]]'

/** Types in their order, each named once however often it comes in a row. */
function typesOf(all: readonly Body[]): string[] {
  return all.map(({ type }) => type).filter((type, index, types) => type !== types[index - 1])
}

describe('a response', () => {
  it('holds a message and usage, and repeats what was asked', async () => {
    await using provider = await start()
    const more = { instructions: 'Be kind.', temperature: 0.5, service_tier: 'flex' }
    const { status, json, headers } = await respond(provider, 'Hello [[tokens=30]]', more)
    expect(status).toBe(200)
    expect(headers.get('x-request-id')).toBeTruthy()
    expect(json).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'm',
      error: null,
      incomplete_details: null,
      tools: [],
      text: { format: { type: 'text' } },
      ...more,
    })
    const { input_tokens: input } = json.usage
    expect(json.output).toMatchObject([{ type: 'message', role: 'assistant', status: 'completed' }])
    expect(json.usage).toEqual({
      input_tokens: input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + 30,
    })
  })

  it('says and counts what chat completions do of the same conversation', async () => {
    await using provider = await start()
    const messages = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Tell me' },
      { role: 'assistant', content: 'What?' },
      { role: 'user', content: 'A story' },
    ]
    const expected = (await chat(provider, '', { messages })).json
    const [, ...said] = messages
    for (const { json } of [
      await respond(provider, messages),
      await respond(provider, said, { instructions: 'Be kind.' }),
    ]) {
      expect(json.output[0].content[0].text).toBe(expected.choices[0].message.content)
      expect(json.usage.input_tokens).toBe(expected.usage.prompt_tokens)
      expect(json.usage.output_tokens).toBe(expected.usage.completion_tokens)
    }
  })

  it('streams as events: numbered, in their order, each with what it is about', async () => {
    await using provider = await start({ models: { m: { ...QUICK, tokensPerSecond: 400 } } })
    const whole = (await respond(provider, 'Hello [[tokens=60]]')).json
    const { text, headers } = await respond(provider, 'Hello [[tokens=60]]', { stream: true })
    const all = events(text)
    expect(headers.get('content-type')).toContain('text/event-stream')
    expect(text).not.toContain('[DONE]')
    expect(all.map((event) => event.sequence_number)).toEqual(all.map((_, index) => index))
    expect(text.match(/^event: .*$/gm)).toEqual(all.map(({ type }) => `event: ${type}`))
    expect(typesOf(all)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(all[0].response).toMatchObject({ status: 'in_progress', output: [], usage: null })
    const deltas = all.flatMap(({ type, delta }) => (type === 'response.output_text.delta' ? [delta] : []))
    expect(deltas.length).toBeGreaterThan(1)
    expect(deltas.join('')).toBe(whole.output[0].content[0].text)
    const done = all.filter(({ type }) => type.endsWith('.done'))
    expect(done.at(-1)?.item).toMatchObject({ status: 'completed', content: whole.output[0].content })
    expect(all.at(-1)?.response).toMatchObject({ status: 'completed', usage: whole.usage })
  })

  it('is incomplete at max_output_tokens, of which there are sixteen at least', async () => {
    await using provider = await start()
    const cut = { max_output_tokens: 20 }
    const { json } = await respond(provider, 'long [[tokens=500]]', cut)
    const incomplete = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
    expect(json).toMatchObject({
      ...incomplete,
      output: [{ status: 'incomplete' }],
      usage: { output_tokens: 20 },
    })
    const all = events((await respond(provider, 'long [[tokens=500]]', { ...cut, stream: true })).text)
    expect(all.at(-1)).toMatchObject({ type: 'response.incomplete', response: incomplete })
    const { status, json: refused } = await respond(provider, 'x', { max_output_tokens: 15 })
    expect(status).toBe(400)
    expect(refused.error).toMatchObject({ type: 'invalid_request_error', param: 'max_output_tokens' })
    expect(refused.error.message).toContain('Expected a value >= 16, but got 15')
  })

  it('calls the tool that the marker names, once, whole and streamed', async () => {
    await using provider = await start()
    const { json } = await respond(provider, ASK_TOOL, { tools: TOOLS })
    const [call] = json.output
    expect(call).toMatchObject({ type: 'function_call', name: 'look-up', status: 'completed' })
    expect(JSON.parse(call.arguments)).toEqual({ id: 'a b' })

    const all = events((await respond(provider, ASK_TOOL, { tools: TOOLS, stream: true })).text)
    expect(typesOf(all)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ])
    const deltas = all.flatMap(({ type, delta }) => (type.endsWith('arguments.delta') ? [delta] : []))
    expect(deltas.join('')).toBe(call.arguments)

    const output = { type: 'function_call_output', call_id: call.call_id, output: '{"is":"here"}' }
    const input = [{ role: 'user', content: ASK_TOOL }, call, output]
    const next = await respond(provider, input, { tools: TOOLS })
    expect(next.json.output).toMatchObject([{ type: 'message' }])
  })

  it.each([['required'], [{ type: 'function', name: 'look-up' }]])(
    'obeys tool_choice %o',
    async (tool_choice) => {
      await using provider = await start()
      const { json } = await respond(provider, 'x', { tools: TOOLS, tool_choice })
      expect(json.output).toMatchObject([{ type: 'function_call', name: 'look-up', arguments: '{}' }])
    },
  )

  it('is JSON that fits the format', async () => {
    await using provider = await start()
    const schema = { type: 'object', properties: { a: { type: 'number' } } }
    const answers = await Promise.all(
      [{ type: 'json_schema', name: 'x', schema }, { type: 'json_object' }].map(async (format) => {
        const { json } = await respond(provider, 'x', { text: { format } })
        return JSON.parse(json.output[0].content[0].text)
      }),
    )
    expect(answers).toEqual([{ a: 1 }, { result: 'text' }])
  })

  it('counts a message that is only referred to as if it were there', async () => {
    await using provider = await start()
    const [item] = (await respond(provider, 'Hello')).json.output
    const input = async (second: unknown): Promise<number> =>
      (await respond(provider, [{ role: 'user', content: 'Hello' }, second, { role: 'user', content: 'x' }]))
        .json.usage.input_tokens
    expect(await input({ type: 'item_reference', id: item.id })).toBe(await input(item))
    const { status, json } = await respond(provider, [{ type: 'item_reference', id: 'msg_1' }])
    expect([status, json.error.message]).toEqual([404, "Item with id 'msg_1' not found."])
  })

  const call = { type: 'function_call', call_id: 'c', name: 'look-up', arguments: '{}' }
  const output = { type: 'function_call_output', call_id: 'c', output: 'x' }

  it.each<[unknown, Record<string, unknown>, string]>([
    [undefined, {}, "Missing required parameter: 'input'."],
    [[], {}, "Missing required parameter: 'input'."],
    [['x'], {}, "Invalid type for 'input[0]'"],
    [[{ content: 'x' }], {}, "Missing required parameter: 'input[0].role'."],
    [[{ role: 'user', content: 4 }], {}, "Invalid type for 'input[0].content'"],
    [[output], {}, 'No tool call found for function call output with call_id c.'],
    [[output, call], {}, 'No tool call found for function call output with call_id c.'],
    [[call, { role: 'user', content: 'x' }], {}, 'No tool output found for function call c.'],
    ['x', { previous_response_id: 'resp_1' }, "Unsupported parameter: 'previous_response_id'"],
    ['x', { max_output_tokens: '5' }, "Invalid 'max_output_tokens'"],
  ])('turns %o %o away', async (input, more, message) => {
    await using provider = await start()
    const { status, json } = await respond(provider, input, more)
    expect(status).toBe(400)
    expect(json.error).toMatchObject({ type: 'invalid_request_error', code: null })
    expect(json.error.message).toContain(message)
    expect(provider.stats().total.admitted).toBe(0)
  })
})

describe('what holds for every request', () => {
  it('limits, their headers and their errors', async () => {
    await using provider = await start({ minuteMs: 3_600_000, models: { m: { ...QUICK, rpm: 2 } } })
    const answers = await inTurn(3, () => respond(provider, 'x'))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(answers[1]?.headers.get('x-ratelimit-remaining-requests')).toBe('0')
    expect(answers[2]?.json.error).toMatchObject({ type: 'requests', code: 'rate_limit_exceeded' })
    expect(Number(answers[2]?.headers.get('retry-after-ms'))).toBeGreaterThan(1000)
  })

  it('tokens: prompt and max_output_tokens, or the output as it comes', async () => {
    const charged = async (more: object): Promise<number> => {
      await using provider = await start({ minuteMs: 3_600_000, models: { m: { ...QUICK, tpm: 10_000 } } })
      const { usage } = (await respond(provider, 'x [[tokens=50]]', { ...more })).json
      return (provider.stats().models['m']?.limits[0]?.charged ?? 0) - usage.input_tokens
    }
    expect(await charged({ max_output_tokens: 400 })).toBe(400)
    expect(await charged({})).toBe(50)
  })

  it('the prompt cache, shared with chat completions, which the input limit does not count', async () => {
    const m = { ...QUICK, tokenBias: 1, itpm: 100_000, promptCache: {} }
    await using provider = await start({ models: { m } })
    const instructions = 'word '.repeat(1500)
    const cached = async (input: string): Promise<number> =>
      (await respond(provider, input, { instructions })).json.usage.input_tokens_details.cached_tokens
    expect([await cached('first'), await cached('second')]).toEqual([0, 1408])
    const { text } = await respond(provider, 'third', { instructions, stream: true })
    expect(events(text).at(-1)?.response.usage.input_tokens_details.cached_tokens).toBe(1408)
    const messages = [
      { role: 'system', content: instructions },
      { role: 'user', content: 'fourth' },
    ]
    const { json } = await chat(provider, '', { messages })
    expect(json.usage.prompt_tokens_details.cached_tokens).toBe(1408)
    const { limits, promptTokens = 0, cachedTokens } = provider.stats().models['m'] ?? {}
    expect(cachedTokens).toBe(3 * 1408)
    expect(limits?.[0]?.charged).toBe(promptTokens - 3 * 1408)
  })
})

describe('faults', () => {
  const STREAM = { stream: true }

  it('an error event, then a response that failed', async () => {
    await using provider = await start({ models: { m: { ...QUICK, tokensPerSecond: 200 } } })
    provider.inject({ kind: 'error-event' })
    const all = events((await respond(provider, 'x [[tokens=60]]', STREAM)).text)
    expect(typesOf(all).slice(-3)).toEqual(['response.output_text.delta', 'error', 'response.failed'])
    expect(all.at(-2)?.error).toMatchObject({ type: 'server_error', code: 'server_error' })
    expect(all.at(-1)?.response).toMatchObject({ status: 'failed', error: { code: 'server_error' } })
    provider.inject({ kind: 'error-event', afterChunks: 0 })
    const early = events((await respond(provider, 'x', STREAM)).text)
    expect(typesOf(early)).toEqual(['response.created', 'response.in_progress', 'error', 'response.failed'])
  })

  it('keep-alives, behind the start and numbered with the rest', async () => {
    await using provider = await start()
    provider.inject({ kind: 'keep-alive-only', everyMs: 5, forMs: 30, times: 2 })
    const all = events((await respond(provider, 'x', STREAM)).text)
    expect(typesOf(all).slice(0, 4)).toEqual([
      'response.created',
      'response.in_progress',
      'keepalive',
      'response.output_item.added',
    ])
    expect(all.filter(({ type }) => type === 'keepalive')).toHaveLength(6)
    expect(all.map((event) => event.sequence_number)).toEqual(all.map((_, index) => index))
    expect((await respond(provider, 'x')).text).toMatch(/^\n{6}\{/)
  })

  it('missing usage', async () => {
    await using provider = await start()
    provider.inject({ kind: 'missing-usage', times: 2 })
    expect((await respond(provider, 'x')).json.usage).toBeNull()
    const all = events((await respond(provider, 'x', STREAM)).text)
    expect(all.at(-1)).toMatchObject({ type: 'response.completed', response: { usage: null } })
  })

  it('a rate limit and a quota, in OpenAI form', async () => {
    await using provider = await start()
    provider.inject({ kind: 'rate-limit', retryAfterMs: 1500 })
    provider.inject({ kind: 'insufficient-quota' })
    const [limited, spent] = await inTurn(2, () => respond(provider, 'x'))
    expect([limited?.status, limited?.headers.get('retry-after-ms')]).toEqual([429, '1500'])
    expect([spent?.status, spent?.json.error.code]).toEqual([429, 'insufficient_quota'])
  })
})
