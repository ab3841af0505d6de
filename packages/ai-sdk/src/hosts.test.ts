import type {
  EmbeddingModelV4Result,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { embedHost } from './embed-host.ts'
import { generateHost } from './generate-host.ts'
import { NO_USAGE } from './no-usage.ts'
import { REQUEST } from './request.fixture.ts'
import { iterate, streamOf } from './stream.ts'
import { streamHost } from './stream-host.ts'

const unsent = () => Promise.reject(new Error('not sent'))
const generate = generateHost(unsent)
const stream = streamHost(unsent)
const embedding = embedHost(unsent)
const timestamp = new Date('2026-11-23T06:00:00Z')

const ANSWER: LanguageModelV4GenerateResult = {
  content: [
    { type: 'text', text: 'Hi' },
    { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2]) } },
    { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL('https://a.example/b') } },
  ],
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: NO_USAGE,
  providerMetadata: { a: { $plimsoll: 'date', value: 'not one' } },
  response: { id: 'r', timestamp, modelId: 'm' },
  warnings: [],
}
const PARTS: LanguageModelV4StreamPart[] = [
  { type: 'stream-start', warnings: [] },
  { type: 'response-metadata', id: 'r', timestamp, modelId: 'm' },
  { type: 'text-delta', id: '1', delta: 'Hi' },
  { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage: NO_USAGE },
]

async function read<P>(source: ReadableStream<P>): Promise<P[]> {
  const parts: P[] = []
  for await (const part of source) parts.push(part)
  return parts
}

const throughJson = (data: unknown): unknown => JSON.parse(JSON.stringify(data))

describe('the key of a request', () => {
  it('is plain data of all that changes the answer, and of nothing else', () => {
    const key = generate.key(REQUEST)
    expect(throughJson(key)).toEqual(key)
    expect(key).toMatchObject({
      temperature: 0,
      providerOptions: { openai: { user: 'u' } },
      prompt: [
        {},
        { content: [{}, { data: { data: 'AQID' } }, { data: { url: 'https://a.example/b.png' } }] },
        {},
        {},
        {},
        {},
      ],
    })
    expect(JSON.stringify(key)).not.toMatch(/secret|abortSignal|plimsoll/)
    expect(stream.key(REQUEST)).toEqual(key)
  })

  it('tells requests apart', () => {
    const keys = [REQUEST, { ...REQUEST, temperature: 1 }, { ...REQUEST, seed: 1 }].map((request) =>
      JSON.stringify(generate.key(request)),
    )
    expect(new Set(keys).size).toBe(3)
    const { abortSignal: _signal, headers: _headers, ...rest } = REQUEST
    expect(JSON.stringify(generate.key(rest))).toBe(keys[0])
  })

  it('of embeddings is their values, dimensions and options', () => {
    const { signal } = new AbortController()
    const providerOptions = { openai: { a: 1 }, plimsoll: { task: 't' } }
    const params = { values: ['a'], dimensions: 8, abortSignal: signal, headers: { a: 'b' }, providerOptions }
    expect(embedding.key(params)).toEqual({
      values: ['a'],
      dimensions: 8,
      providerOptions: { openai: { a: 1 } },
    })
  })
})

describe('an answer that is stored', () => {
  it('comes back as it was, its dates, bytes and URLs included', () => {
    const decoded = generate.decode(throughJson(generate.encode(ANSWER, [])))
    expect(decoded).toEqual(ANSWER)
    expect(decoded.response?.timestamp).toBeInstanceOf(Date)
  })

  it('leaves out the exchange: bodies, and headers that told of limits then', () => {
    const response = { ...ANSWER.response, headers: { a: 'b' }, body: 'secret' }
    const encoded = generate.encode({ ...ANSWER, request: { body: 'secret' }, response }, [])
    expect(JSON.stringify(encoded)).not.toContain('secret')
    expect(generate.decode(throughJson(encoded))).toEqual(ANSWER)
  })

  it('as a stream is replayed as a stream', async () => {
    const decoded = stream.decode(throughJson(stream.encode({ stream: streamOf(iterate([])) }, PARTS)))
    expect(await read(decoded.stream)).toEqual(PARTS)
  })

  it('may hold errors and what is no data', () => {
    const parts = [
      { type: 'error', error: new Error('e') },
      { type: 'raw', rawValue: { f: () => 1, b: 1n, l: [undefined] } },
    ]
    expect(stream.encode({ stream: streamOf(iterate([])) }, parts)).toEqual({
      parts: [
        { type: 'error', error: { name: 'Error', message: 'e' } },
        { type: 'raw', rawValue: { b: '1', l: [null] } },
      ],
    })
  })

  it('as embeddings comes back too', () => {
    const value: EmbeddingModelV4Result = { embeddings: [[0.5]], usage: { tokens: 1 }, warnings: [] }
    expect(
      embedding.decode(throughJson(embedding.encode({ ...value, response: { body: 'b' } }, []))),
    ).toEqual(value)
  })
})

describe('a message', () => {
  it('is an answer that says it, and costs nothing', () => {
    expect(generate.message('Sorry')).toMatchObject({
      content: [{ type: 'text', text: 'Sorry' }],
      finishReason: { unified: 'stop' },
      usage: { inputTokens: { total: 0 }, outputTokens: { total: 0 } },
    })
    expect(generate.message('Sorry', { city: '' }).content).toEqual([{ type: 'text', text: '{"city":""}' }])
  })

  it('is a whole stream', async () => {
    const parts = await read(stream.message('Sorry').stream)
    expect(parts.map(({ type }) => type)).toEqual([
      'stream-start',
      'text-start',
      'text-delta',
      'text-end',
      'finish',
    ])
    expect((await read(stream.message('Sorry', [1]).stream))[2]).toMatchObject({ delta: '[1]' })
  })

  it('stands for embeddings only where it has some', () => {
    expect(embedding.message('', [[1]])).toMatchObject({ embeddings: [[1]], usage: { tokens: 0 } })
    expect(() => embedding.message('Sorry')).toThrow(/vectors/)
  })
})

describe('a copy', () => {
  it('shares nothing with its original', () => {
    const copy = generate.copy(ANSWER)
    expect(copy).toEqual(ANSWER)
    copy.response?.timestamp?.setTime(0)
    copy.content.pop()
    const file = copy.content[1] as { data: { data: Uint8Array } }
    file.data.data[0] = 9
    expect(ANSWER.response?.timestamp?.getTime()).not.toBe(0)
    expect(ANSWER.content).toHaveLength(3)
    expect(ANSWER.content[1]).toMatchObject({ data: { data: new Uint8Array([1, 2]) } })
  })

  it('of a stream can be read beside it', async () => {
    const original = { stream: streamOf(iterate(PARTS)), response: { headers: { a: 'b' } } }
    const copy = stream.copy(original)
    expect(copy.response).toEqual(original.response)
    expect(await read(copy.stream)).toEqual(PARTS)
    expect(await read(original.stream)).toEqual(PARTS)
  })

  it('of embeddings too', () => {
    const value = { embeddings: [[1]], warnings: [] }
    const copy = embedding.copy(value)
    copy.embeddings[0]?.push(2)
    expect(value.embeddings).toEqual([[1]])
  })
})

describe('opening', () => {
  it('gives the headers with lower-case names', async () => {
    const response = { headers: { 'X-A': 'b' } }
    const host = generateHost(async () => ({ ...ANSWER, response }))
    const { signal } = new AbortController()
    expect((await host.open(REQUEST, signal, { target: 't', attempt: 1 })).headers).toEqual({ 'x-a': 'b' })
    const without = streamHost(async () => ({ stream: streamOf(iterate(PARTS)) }))
    expect(await without.open(REQUEST, signal, { target: 't', attempt: 1 })).not.toHaveProperty('headers')
  })
})

describe('what is embedded', () => {
  it('is a segment for each value, which may be shortened and never goes', () => {
    const params = { values: ['one', 'two', 'three'] }
    const segments = embedding.segments(params)
    expect(segments).toMatchObject([{ text: 'one' }, { text: 'two' }, { text: 'three' }])
    const [, two] = segments
    const shortened = [{ ...two!, text: 'tw' }]
    expect(embedding.withSegments(params, shortened)).toEqual({ values: ['one', 'tw', 'three'] })
    expect(embedding.withMark(params, [0])).toBe(params)
  })
})
