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

  describe('with a prompt cache', () => {
    const CACHING = { ...QUICK, tokenBias: 1, itpm: 100_000, promptCache: { minTokens: 500 } }
    const LONG = 'word '.repeat(1000)
    const mark = (ttl: '5m' | '1h' = '5m') => ({ cache_control: { type: 'ephemeral', ttl } })
    const text = (more: object = {}, words = LONG) => ({ type: 'text', text: words, ...more })

    it('reads and writes marked prefixes, and the input limit counts all but what was read', async () => {
      await using provider = await start({ models: { m: CACHING } })
      const system = [text(mark())]
      const first = (await message(provider, 'one', { system })).json.usage
      const second = (await message(provider, 'two', { system })).json.usage
      expect(first).toMatchObject({ cache_read_input_tokens: 0 })
      const written = first.cache_creation_input_tokens
      expect(written).toBeGreaterThan(1000)
      expect(first.cache_creation).toEqual({
        ephemeral_5m_input_tokens: written,
        ephemeral_1h_input_tokens: 0,
      })
      expect(second).toMatchObject({
        input_tokens: first.input_tokens,
        cache_read_input_tokens: written,
        cache_creation_input_tokens: 0,
      })
      const { limits = [], writtenTokens, cachedTokens } = provider.stats().models['m'] ?? {}
      expect(limits[0]?.charged).toBe(first.input_tokens + written + second.input_tokens)
      expect([writtenTokens, cachedTokens]).toEqual([written, written])
    })

    it('leaves alone what is not marked, or is too short', async () => {
      await using provider = await start({ models: { m: CACHING } })
      const none = { cache_read_input_tokens: 0, cache_creation_input_tokens: 0 }
      const usage = async (content: unknown) => (await message(provider, content)).json.usage
      expect([await usage([text()]), await usage([text()])]).toMatchObject([none, none])
      const short = [text(mark(), 'short')]
      expect([await usage(short), await usage(short)]).toMatchObject([none, none])
    })

    it('tells what is kept for an hour apart', async () => {
      await using provider = await start({ models: { m: CACHING } })
      const content = [text(mark('1h')), text(mark('5m'), 'and '.repeat(600))]
      const { usage } = (await message(provider, content)).json
      expect(usage.cache_creation.ephemeral_1h_input_tokens).toBeGreaterThan(1000)
      expect(usage.cache_creation.ephemeral_5m_input_tokens).toBe(600)
      expect(usage.cache_creation_input_tokens).toBe(
        usage.cache_creation.ephemeral_1h_input_tokens + usage.cache_creation.ephemeral_5m_input_tokens,
      )
    })

    it('finds a prefix whose mark has moved on, by twenty blocks at most', async () => {
      await using provider = await start({ models: { m: CACHING } })
      const blocks = (count: number) => Array.from({ length: count }, () => text({}, 'more'))
      const read = async (...content: unknown[]): Promise<number> =>
        (await message(provider, content)).json.usage.cache_read_input_tokens
      expect(await read(text(mark()))).toBe(0)
      expect(await read(text(), ...blocks(18), text(mark(), 'end'))).toBeGreaterThan(1000)
      await fetch(`${provider.url}/__reset`, { method: 'POST' })
      expect(await read(text(mark()))).toBe(0)
      expect(await read(text(), ...blocks(20), text(mark(), 'end'))).toBe(0)
    })

    it('knows tools and results again when their marks have moved on', async () => {
      await using provider = await start({ models: { m: CACHING } })
      const tool = { name: 'f', description: LONG, input_schema: { type: 'object' } }
      const ask = async (tools: object[], result: object) => {
        const block = { type: 'tool_result', tool_use_id: 't', content: 'x', ...result }
        return (await message(provider, [block, text(mark(), 'end')], { tools })).json.usage
      }
      const first = await ask([{ ...tool, ...mark() }], mark())
      const second = await ask([tool], {})
      expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens)
    })

    it('takes four marks, and no more', async () => {
      await using provider = await start({ models: { m: CACHING } })
      const marks = (count: number) => Array.from({ length: count }, () => text(mark(), 'a'))
      expect((await message(provider, marks(4))).status).toBe(200)
      const { status, json } = await message(provider, marks(5))
      expect([status, json.error.message]).toEqual([
        400,
        'A maximum of 4 blocks with cache_control may be provided. Found 5.',
      ])
    })
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
