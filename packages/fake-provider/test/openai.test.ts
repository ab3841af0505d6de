import { describe, expect, it } from 'vitest'
import { chat, events, inTurn, post, QUICK, start } from './client.ts'

describe('chat completions', () => {
  it('answers with text, a finish reason and usage', async () => {
    await using provider = await start()
    const { status, json, headers } = await chat(provider, 'Hello there [[tokens=30]]')
    expect(status).toBe(200)
    expect(headers.get('x-request-id')).toBeTruthy()
    expect(json).toMatchObject({ object: 'chat.completion', model: 'm', service_tier: 'default' })
    expect(json.choices[0]).toMatchObject({ index: 0, finish_reason: 'stop', message: { role: 'assistant' } })
    expect(json.choices[0].message.content.split(' ').length).toBeGreaterThan(20)
    expect(json.usage.completion_tokens).toBe(30)
    expect(json.usage.total_tokens).toBe(json.usage.prompt_tokens + 30)
    expect(json.usage.prompt_tokens_details.cached_tokens).toBe(0)
  })

  it('streams the same answer, with usage only when asked for', async () => {
    await using provider = await start()
    const whole = await chat(provider, 'Tell me')
    const bare = await chat(provider, 'Tell me', { stream: true })
    const full = await chat(provider, 'Tell me', { stream: true, stream_options: { include_usage: true } })
    expect(bare.headers.get('content-type')).toContain('text/event-stream')
    for (const { text } of [bare, full]) {
      const said = events(text).map((chunk) => chunk.choices[0]?.delta.content ?? '')
      expect(said.join('')).toBe(whole.json.choices[0].message.content)
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    }
    expect(events(bare.text).some((chunk) => 'usage' in chunk)).toBe(false)
    const [first, ...rest] = events(full.text)
    expect(first.choices[0].delta.role).toBe('assistant')
    expect(first.usage).toBeNull()
    expect(rest.at(-1)).toMatchObject({ choices: [], usage: whole.json.usage })
    expect(rest.at(-2)?.choices[0].finish_reason).toBe('stop')
  })

  it('sends few chunks at a high rate of tokens', async () => {
    await using provider = await start({ models: { m: { ...QUICK, tokensPerSecond: 5000 } } })
    const { text } = await chat(provider, 'x [[tokens=1000]]', { stream: true })
    expect(events(text).length).toBeLessThan(15)
    expect(events(text).length).toBeGreaterThan(4)
  })

  it('draws the same length for the same request, whatever came before', async () => {
    await using first = await start({ seed: 5 })
    await using second = await start({ seed: 5 })
    await using other = await start({ seed: 6 })
    const length = async (provider: typeof first, text: string): Promise<number> =>
      (await chat(provider, text)).json.usage.completion_tokens
    const a = [await length(first, 'a'), await length(first, 'b'), await length(first, 'a')]
    const b = [await length(second, 'b'), await length(second, 'a')]
    expect(a[2]).toBe(a[0])
    expect(b).toEqual([a[1], a[0]])
    expect(a.slice(0, 2)).not.toEqual([await length(other, 'a'), await length(other, 'b')])
  })

  it.each(['max_tokens', 'max_completion_tokens'])('ends at %s with finish reason length', async (field) => {
    await using provider = await start()
    const { json } = await chat(provider, 'long [[tokens=500]]', { [field]: 20 })
    expect(json.usage.completion_tokens).toBe(20)
    expect(json.choices[0].finish_reason).toBe('length')
  })

  it('counts parts, images and tools in the prompt', async () => {
    await using provider = await start({ models: { m: { ...QUICK, tokenBias: 1 } } })
    const prompt = async (content: unknown, more = {}): Promise<number> =>
      (await chat(provider, content, more)).json.usage.prompt_tokens
    const plain = await prompt('one two three')
    expect(await prompt([{ type: 'text', text: 'one two three' }])).toBe(plain)
    const image = { type: 'image_url', image_url: { url: 'data:' } }
    expect(await prompt([{ type: 'text', text: 'one two three' }, image])).toBe(plain + 765)
    expect(
      await prompt('one two three', { tools: [{ type: 'function', function: { name: 'f' } }] }),
    ).toBeGreaterThan(plain + 8)
  })

  it('calls the tool that the marker names, once', async () => {
    await using provider = await start()
    const tools = [{ type: 'function', function: { name: 'look-up', parameters: {} } }]
    const content = 'Find it [[tool=look-up {"id":"a b","n":[1,2]}]]'
    const { json } = await chat(provider, content, { tools })
    expect(json.choices[0].finish_reason).toBe('tool_calls')
    expect(json.choices[0].message.content).toBeNull()
    const [call] = json.choices[0].message.tool_calls
    expect(JSON.parse(call.function.arguments)).toEqual({ id: 'a b', n: [1, 2] })

    const streamed = events((await chat(provider, content, { tools, stream: true })).text)
    const deltas = streamed.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
    expect(deltas[0]).toMatchObject({
      index: 0,
      type: 'function',
      function: { name: 'look-up', arguments: '' },
    })
    const text = deltas.map((delta) => delta.function.arguments).join('')
    expect(JSON.parse(text)).toEqual({ id: 'a b', n: [1, 2] })

    const result = { role: 'tool', tool_call_id: call.id, content: '{}' }
    const messages = [{ role: 'user', content }, json.choices[0].message, result]
    const next = await post(provider, '/v1/chat/completions', { model: 'm', messages, tools })
    expect(next.json.choices[0].finish_reason).toBe('stop')
  })

  it.each([['required'], [{ type: 'function', function: { name: 'f' } }]])(
    'obeys tool_choice %o',
    async (choice) => {
      await using provider = await start()
      const parameters = { type: 'object', properties: { a: { type: 'string' } } }
      const tools = [{ type: 'function', function: { name: 'f', parameters } }]
      const { json } = await chat(provider, 'x', { tools, tool_choice: choice })
      expect(json.choices[0].message.tool_calls[0].function).toEqual({ name: 'f', arguments: '{"a":"text"}' })
      expect((await chat(provider, 'x', { tools, tool_choice: 'auto' })).json.choices[0].finish_reason).toBe(
        'stop',
      )
    },
  )

  it('answers with JSON that fits the schema', async () => {
    await using provider = await start()
    const schema = {
      type: 'object',
      required: ['name', 'kind', 'tags', 'score', 'nested'],
      properties: {
        name: { type: 'string', minLength: 9 },
        kind: { enum: ['b', 'a'] },
        tags: { type: 'array', items: { $ref: '#/$defs/tag' }, minItems: 2 },
        score: { type: 'integer', minimum: 3 },
        nested: { anyOf: [{ type: 'object', properties: { on: { type: 'boolean' } } }, { type: 'null' }] },
        optional: { type: 'string' },
      },
      $defs: { tag: { type: 'string', maxLength: 2 } },
    }
    const response_format = { type: 'json_schema', json_schema: { name: 'x', schema } }
    const { json } = await chat(provider, 'json', { response_format })
    expect(JSON.parse(json.choices[0].message.content)).toEqual({
      name: 'texttextt',
      kind: 'b',
      tags: ['te', 'te'],
      score: 3,
      nested: { on: true },
    })
    const endless = { type: 'object', properties: { next: { $ref: '#' } } }
    const recursive = await chat(provider, 'json', {
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: endless } },
    })
    expect(JSON.parse(recursive.json.choices[0].message.content)).toHaveProperty('next.next.next')
    const loose = await chat(provider, 'json', { response_format: { type: 'json_object' } })
    expect(JSON.parse(loose.json.choices[0].message.content)).toEqual({ result: 'text' })
  })

  it('knows repeated prefixes when the prompt cache is on', async () => {
    await using provider = await start({
      models: { m: { ...QUICK, tokenBias: 1, itpm: 100_000, promptCache: { minTokens: 500 } } },
    })
    const system = { role: 'system', content: 'word '.repeat(1000) }
    const ask = (content: string): ReturnType<typeof post> =>
      post(provider, '/v1/chat/completions', { model: 'm', messages: [system, { role: 'user', content }] })
    const cached = async (content: string): Promise<number> =>
      (await ask(content)).json.usage.prompt_tokens_details.cached_tokens
    expect(await cached('first')).toBe(0)
    // 500, and as many steps of 128 as fit into the prefix.
    expect(await cached('second')).toBe(884)
    const [limit] = provider.stats().models['m']?.limits ?? []
    const { promptTokens = 0, cachedTokens } = provider.stats().models['m'] ?? {}
    expect(cachedTokens).toBe(884)
    expect(limit?.charged).toBe(promptTokens - 884)
  })
})

describe('embeddings', () => {
  it('gives the same text the same vector, as floats or base64', async () => {
    await using provider = await start()
    const body = { model: 'm', input: ['a text', 'another', 'a text'] }
    const floats = await post(provider, '/v1/embeddings', body)
    expect(floats.json.data.map((item) => item.index)).toEqual([0, 1, 2])
    const [first = [], second, third] = floats.json.data.map((item) => item.embedding)
    expect(first).toHaveLength(8)
    expect(third).toEqual(first)
    expect(second).not.toEqual(first)
    expect(floats.json.usage.total_tokens).toBe(floats.json.usage.prompt_tokens)
    const coded = await post(provider, '/v1/embeddings', {
      ...body,
      encoding_format: 'base64',
      dimensions: 8,
    })
    const bytes = Buffer.from(coded.json.data[0].embedding, 'base64')
    expect(bytes.readFloatLE(4)).toBeCloseTo(first[1] ?? 0, 6)
  })

  it('is charged like a prompt without an answer', async () => {
    await using provider = await start({ models: { m: { ...QUICK, tpm: 20, tokenBias: 1 } } })
    const body = { model: 'm', input: 'one two three four five six seven eight nine ten' }
    const answers = await inTurn(3, () => post(provider, '/v1/embeddings', body))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
    expect((await post(provider, '/v1/embeddings', { model: 'm', input: [] })).status).toBe(400)
  })
})
