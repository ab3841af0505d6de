import { describe, expect, it } from 'vitest'
import { events, message, post, QUICK, start } from './client.ts'

describe('messages', () => {
  it('answers with content blocks, a stop reason and usage', async () => {
    await using provider = await start()
    const { status, json, headers } = await message(provider, 'Hello [[tokens=30]]')
    expect(status).toBe(200)
    expect(headers.get('request-id')).toBeTruthy()
    expect(json).toMatchObject({ type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn' })
    expect(json.content).toHaveLength(1)
    expect(json.usage).toMatchObject({ output_tokens: 30, cache_read_input_tokens: 0 })
    const cut = await message(provider, 'Hello [[tokens=300]]')
    expect(cut.json).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 100 } })
  })

  it('streams events in order, with input usage first and output usage last', async () => {
    await using provider = await start()
    const whole = await message(provider, 'Hello [[tokens=30]]')
    const { text } = await message(provider, 'Hello [[tokens=30]]', { stream: true })
    const all = events(text)
    const types = [...new Set(all.map((event) => event.type))]
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(all[0].message.usage.input_tokens).toBe(whole.json.usage.input_tokens)
    expect(all.at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 30 } })
    const said = all.map((event) => event.delta?.text ?? '').join('')
    expect(said).toBe(whole.json.content[0].text)
    expect(text).toContain('event: message_start\n')
  })

  it('calls a tool, whole and streamed', async () => {
    await using provider = await start()
    const tools = [{ name: 'f', input_schema: { type: 'object' } }]
    const content = 'x [[tool=f {"a":1}]]'
    const { json } = await message(provider, content, { tools })
    expect(json.stop_reason).toBe('tool_use')
    expect(json.content[0]).toMatchObject({ type: 'tool_use', name: 'f', input: { a: 1 } })
    const streamed = events((await message(provider, content, { tools, stream: true })).text)
    const partial = streamed.map((event) => event.delta?.partial_json ?? '').join('')
    expect(JSON.parse(partial)).toEqual({ a: 1 })
    const block = { type: 'tool_result', tool_use_id: json.content[0].id, content: 'x [[tool=f]]' }
    expect((await message(provider, [block], { tools })).json.stop_reason).not.toBe('tool_use')
  })

  it.each([[{ type: 'any' }], [{ type: 'tool', name: 'f' }]])('obeys tool_choice %o', async (choice) => {
    await using provider = await start()
    const tools = [{ name: 'f', input_schema: { type: 'object', properties: { a: { type: 'number' } } } }]
    const { json } = await message(provider, 'x', { tools, tool_choice: choice })
    expect(json.content[0]).toMatchObject({ type: 'tool_use', name: 'f', input: { a: 1 } })
  })

  it('caches marked prefixes, which the input limit then does not count', async () => {
    await using provider = await start({
      models: { m: { ...QUICK, tokenBias: 1, itpm: 100_000, promptCache: { minTokens: 500 } } },
    })
    const text = 'word '.repeat(1000)
    const system = [{ type: 'text', text, cache_control: { type: 'ephemeral' } }]
    const first = (await message(provider, 'one', { system })).json.usage
    const second = (await message(provider, 'two', { system })).json.usage
    expect(first).toMatchObject({ cache_read_input_tokens: 0 })
    expect(first.cache_creation_input_tokens).toBeGreaterThan(1000)
    expect(second).toMatchObject({
      input_tokens: first.input_tokens,
      cache_read_input_tokens: first.cache_creation_input_tokens,
      cache_creation_input_tokens: 0,
    })
    expect(provider.stats().models['m']?.limits[0]?.charged).toBe(
      first.input_tokens + first.cache_creation_input_tokens + second.input_tokens,
    )
  })

  it.each([
    [{ max_tokens: undefined }, 'max_tokens: Field required'],
    [{ messages: [] }, 'messages: at least one message is required'],
    [
      { messages: [{ role: 'system', content: 'x' }] },
      "messages.0.role: Input should be 'user' or 'assistant'",
    ],
  ])('refuses %o', async (more, expected) => {
    await using provider = await start()
    const { status, json } = await message(provider, 'x', more)
    expect(status).toBe(400)
    expect(json).toMatchObject({ type: 'error', error: { type: 'invalid_request_error', message: expected } })
  })

  it('answers with JSON for a schema', async () => {
    await using provider = await start()
    const schema = { type: 'object', properties: { a: { type: 'number' } } }
    const output_config = { format: { type: 'json_schema', schema } }
    const { json } = await post(provider, '/v1/messages', {
      model: 'm',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'x' }],
      output_config,
    })
    expect(JSON.parse(json.content[0].text)).toEqual({ a: 1 })
  })
})
