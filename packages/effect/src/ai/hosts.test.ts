import { Effect, Schema } from 'effect'
import { LanguageModel, Prompt, Response, Tool } from 'effect/ai'
import { describe, expect, it } from 'vitest'
import { NO_USAGE } from './answer.ts'
import { generateHost } from './generate-host.ts'
import { requestOf, requestSide } from './request.ts'
import type { ModelOptions, ModelRequest } from './request.ts'
import { streamHost } from './stream-host.ts'

const never = async () => Promise.reject(new Error('not sent'))
const generate = generateHost(undefined, never)
const stream = streamHost(never)

const request = (options: ModelOptions): ModelRequest =>
  Effect.runSync(requestOf(options) as Effect.Effect<ModelRequest>)

const finish = Response.makePart('finish', {
  reason: 'tool-calls',
  usage: NO_USAGE,
  response: { status: 200, headers: { 'x-ratelimit-remaining-requests': '7' } },
})
const call = Response.makePart('tool-call', {
  id: 'a',
  name: 'weather',
  params: { city: 'Oslo' },
  providerExecuted: false,
})

describe('what is kept of an answer', () => {
  it('comes back whole, without its headers', () => {
    const content = [
      Response.makePart('reasoning', { text: 'Hm.' }),
      Response.makePart('text', { text: 'Yes.' }),
      Response.makePart('file', { mediaType: 'image/png', data: new Uint8Array([1, 2]) }),
      call,
      finish,
    ]
    const data = JSON.stringify(generate.encode(new LanguageModel.GenerateTextResponse(content as never), []))
    expect(data).not.toContain('ratelimit')
    const back = generate.decode(JSON.parse(data))
    expect(back).toBeInstanceOf(LanguageModel.GenerateTextResponse)
    const expected = content.map((part) => (part.type === 'finish' ? { ...part, response: undefined } : part))
    expect(JSON.parse(JSON.stringify(back.content))).toEqual(JSON.parse(JSON.stringify(expected)))
    expect(back.usage).toBeInstanceOf(Response.Usage)
  })

  it('comes back as parts, of a stream', async () => {
    const parts = [Response.makePart('text-delta', { id: '0', delta: 'Y' }), call, finish]
    const data = JSON.stringify(stream.encode({} as never, parts))
    expect(data).not.toContain('ratelimit')
    const { source } = stream.decode(JSON.parse(data))
    const types: string[] = []
    for (let read = await source.next(); read.done !== true; read = await source.next())
      types.push(read.value.type)
    expect(types).toEqual(['text-delta', 'tool-call', 'finish'])
  })

  it('is a value again where a schema was asked for', () => {
    const schema = Schema.Struct({ at: Schema.DateFromString })
    const typed = generateHost(schema, never)
    const answer = typed.message('', { at: '2026-01-02T00:00:00.000Z' })
    const back = typed.decode(JSON.parse(JSON.stringify(typed.encode(answer, []))))
    expect((back as unknown as { value: unknown }).value).toEqual({
      at: new Date('2026-01-02T00:00:00.000Z'),
    })
  })

  it('may be a copy, whose list is its own', () => {
    const answer = generate.message('Yes.')
    const copy = generate.copy(answer)
    copy.content.pop()
    expect(answer.content).toHaveLength(2)
  })
})

const chat = Prompt.fromMessages([
  Prompt.makeMessage('system', { content: 'Be brief.' }),
  Prompt.makeMessage('user', { content: [Prompt.makePart('text', { text: 'Where?' })] }),
  Prompt.makeMessage('assistant', {
    content: [Prompt.makePart('tool-call', { id: 'a', name: 'find', params: {}, providerExecuted: false })],
  }),
  Prompt.makeMessage('tool', {
    content: [
      Prompt.makePart('tool-result', {
        id: 'a',
        name: 'find',
        isFailure: false,
        result: 'far, far away',
        providerExecuted: false,
      }),
    ],
  }),
  Prompt.makeMessage('user', { content: [Prompt.makePart('text', { text: 'Really?' })] }),
])

describe('a request as segments', () => {
  const asked = request({ prompt: chat })
  const segments = requestSide.segments(asked)

  it('has roles, kinds and pairings, its instructions and last question pinned', () => {
    expect(segments).toMatchObject([
      { role: 'system', kind: 'text', text: 'Be brief.', pinned: true },
      { role: 'user', kind: 'text', text: 'Where?' },
      { role: 'assistant', kind: 'tool-call', pairing: 'a' },
      { role: 'tool', kind: 'tool-result', pairing: 'a', text: '"far, far away"' },
      { role: 'user', kind: 'text', text: 'Really?', pinned: true },
    ])
    expect(segments[1]).not.toHaveProperty('pinned')
  })

  it('is itself with all of them', () => {
    expect(requestSide.withSegments(asked, segments).prompt.content).toEqual(chat.content)
  })

  it('loses what is left out, and its empty messages', () => {
    const { prompt } = requestSide.withSegments(asked, [segments[0]!, segments[4]!])
    expect(prompt.content.map(({ role }) => role)).toEqual(['system', 'user'])
  })

  it('has the shorter text of what was shortened', () => {
    const shorter = segments.map((segment) =>
      segment.kind === 'tool-result' ? { ...segment, text: 'far' } : segment,
    )
    const { prompt } = requestSide.withSegments(asked, shorter)
    expect(prompt.content[3]).toMatchObject({ content: [{ type: 'tool-result', result: 'far' }] })
  })
})

describe('the key of a request', () => {
  const Weather = Tool.make('weather', { parameters: Schema.Struct({ city: Schema.String }) })
  const withTools = (tool: Tool.Any) =>
    request({ prompt: 'Hi', toolkit: Effect.succeed({ tools: { [tool.name]: tool }, handle: undefined }) })
  const keyOf = (of: ModelRequest) => JSON.stringify(requestSide.key(of))

  it('is the same for the same, and another for another prompt, schema, tool or tool choice', () => {
    const keys = [
      request({ prompt: 'Hi' }),
      request({ prompt: 'Ho' }),
      request({ prompt: 'Hi', schema: Schema.Struct({ a: Schema.String }) }),
      request({ prompt: 'Hi', schema: Schema.Struct({ b: Schema.String }) }),
      withTools(Weather),
      withTools(Tool.make('weather', { parameters: Schema.Struct({ town: Schema.String }) })),
      { ...withTools(Weather), toolChoice: 'required' },
    ].map(keyOf)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keyOf(request({ prompt: 'Hi' }))).toBe(keys[0])
    expect(keyOf(withTools(Weather))).toBe(keys[4])
  })

  it('is there for a tool that JSON Schema has no words for, and so are its segments', () => {
    const odd = withTools(Tool.make('odd', { parameters: Schema.Struct({ [Symbol('at')]: Schema.String }) }))
    expect(keyOf(odd)).toContain('odd')
    expect(requestSide.segments(odd)[0]).toMatchObject({ kind: 'tools' })
  })
})
