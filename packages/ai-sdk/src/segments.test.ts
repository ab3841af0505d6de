import { describe, expect, it } from 'vitest'
import { fileTokens, outputFileTokens } from './file-tokens.ts'
import { REQUEST } from './request.fixture.ts'
import { segmentsOf } from './segments.ts'
import type { FileData, OutputItem } from './versions.ts'
import { withSegments } from './with-segments.ts'

const texts = (segments: ReturnType<typeof segmentsOf>) => segments.map(({ text }) => text)

describe('segments', () => {
  it('are tools and schema, then the messages, in order', () => {
    expect(segmentsOf(REQUEST).map((segment) => Object.fromEntries(Object.entries(segment)))).toEqual([
      { role: 'system', kind: 'tools', text: JSON.stringify(REQUEST.tools), pinned: true },
      { role: 'system', kind: 'schema', text: '{"type":"object"}', pinned: true },
      { role: 'system', kind: 'text', text: 'Be kind.', pinned: true },
      { role: 'user', kind: 'text', text: 'What is this?' },
      { role: 'user', kind: 'file', text: '', tokens: 765 },
      { role: 'user', kind: 'file', text: '', tokens: 765 },
      { role: 'assistant', kind: 'text', text: 'Let me look.' },
      { role: 'assistant', kind: 'tool-call', text: 'look {"at":"it"}', pairing: 'c1' },
      { role: 'tool', kind: 'tool-result', text: '{"is":"a cat"}', pairing: 'c1' },
      { role: 'assistant', kind: 'text', text: 'A cat.' },
      { role: 'user', kind: 'text', text: 'Thank you', pinned: true },
    ])
  })

  it('of an empty request are none', () => {
    expect(segmentsOf({ prompt: [], tools: [], responseFormat: { type: 'text' } })).toEqual([])
  })

  it('read every form that the output of a tool has', () => {
    const file = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } } as const
    const outputs = [
      { type: 'text', value: 'a' },
      { type: 'error-text', value: 'b' },
      { type: 'error-json', value: [1] },
      { type: 'execution-denied', reason: 'c' },
      { type: 'execution-denied' },
      {
        type: 'content',
        value: [
          { type: 'text', text: 'd' },
          { type: 'text', text: 'e' },
        ],
      },
      { type: 'content', value: [{ type: 'text', text: 'f' }, file, { type: 'custom' }] },
    ] as const
    const content = outputs.map((output) => {
      const value =
        'value' in output && Array.isArray(output.value) ? { ...output, value: [...output.value] } : output
      return {
        type: 'tool-result' as const,
        toolCallId: 'c',
        toolName: 't',
        output: value as { type: 'text'; value: string },
      }
    })
    const segments = segmentsOf({ prompt: [{ role: 'tool', content }] })
    expect(texts(segments)).toEqual(['a', 'b', '[1]', 'c', '', 'd\ne', 'f\n\n'])
    expect(segments.map(({ tokens }) => tokens)).toEqual([...Array(6).fill(undefined), 766])
  })
})

describe('the tokens of a file', () => {
  it.each([
    ['image/png', { type: 'data', data: new Uint8Array(9_000_000) }, 765],
    ['image/*', { type: 'url', url: new URL('https://a.example') }, 765],
    ['application/pdf', { type: 'data', data: 'AAAA' }, 3_000],
    ['text/plain', { type: 'url', url: new URL('https://a.example') }, 3_000],
    ['application/pdf', { type: 'reference', reference: { openai: 'file-1' } }, 3_000],
    ['text/plain', { type: 'data', data: new Uint8Array(400) }, 100],
    ['application/json', { type: 'data', data: 'A'.repeat(400) }, 75],
    ['application/ld+json', { type: 'data', data: new Uint8Array(5) }, 2],
    ['application/pdf', { type: 'text', text: 'a'.repeat(40) }, 10],
    // As AI SDK 6 has them.
    ['image/png', new Uint8Array(9_000_000), 765],
    ['application/pdf', new URL('https://a.example'), 3_000],
    ['text/plain', new URL('https://a.example'), 3_000],
    ['text/plain', new Uint8Array(400), 100],
    ['application/json', 'A'.repeat(400), 75],
  ] as const)('of type %s', (mediaType, data, tokens) => {
    expect(fileTokens({ mediaType, data: data as FileData })).toBe(tokens)
  })

  it.each<[OutputItem, number]>([
    [{ type: 'text', text: 'a' }, 0],
    [{ type: 'custom' }, 0],
    [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } }, 765],
    [{ type: 'file-data', mediaType: 'text/plain', data: 'A'.repeat(400) }, 75],
    [{ type: 'image-data', mediaType: 'image/png', data: 'AAAA' }, 765],
    [{ type: 'image-url', url: 'https://a.example' }, 765],
    [{ type: 'image-file-id', fileId: 'f' }, 765],
    [{ type: 'file-url', url: 'https://a.example' }, 3_000],
    [{ type: 'file-id', fileId: 'f' }, 3_000],
  ])('that a tool gave, of either version: $type', (item, tokens) => {
    expect(outputFileTokens(item)).toBe(tokens)
  })
})

describe('a request with other segments', () => {
  it('is the same with all of them', () => {
    expect(withSegments(REQUEST, segmentsOf(REQUEST))).toEqual(REQUEST)
  })

  it('has only what is left of it: messages without content go, what is no segment stays', () => {
    const kept = segmentsOf(REQUEST).filter(({ pinned }) => pinned)
    const { prompt, ...rest } = withSegments(REQUEST, kept)
    const { prompt: _, ...before } = REQUEST
    expect(rest).toEqual(before)
    expect(prompt).toEqual([
      REQUEST.prompt[0],
      { role: 'assistant', content: [{ type: 'custom', kind: 'a.b' }] },
      { role: 'tool', content: [{ type: 'tool-approval-response', approvalId: 'a1', approved: true }] },
      REQUEST.prompt.at(-1),
    ])
  })

  it('has them shortened, where they can be', () => {
    const shorter = segmentsOf(REQUEST).map((segment) => ({ ...segment, text: segment.text.slice(0, 3) }))
    const { prompt } = withSegments(REQUEST, shorter)
    expect(prompt[0]).toEqual({ role: 'system', content: 'Be ' })
    expect(prompt[1]?.content[0]).toEqual({ type: 'text', text: 'Wha' })
    expect(prompt[1]?.content).toHaveLength(3)
    // Reasoning is signed: it goes as a whole. A call's input stays what it was.
    expect(prompt[2]?.content).toEqual([REQUEST.prompt[2]?.content[1], REQUEST.prompt[2]?.content[2]])
    expect(prompt[3]?.content[0]).toMatchObject({ output: { type: 'text', value: '{"i' } })
    expect(REQUEST.prompt[0]?.content).toBe('Be kind.')
  })

  it('keeps an error of a tool an error', () => {
    const output = { type: 'error-text', value: 'It failed' } as const
    const result = { type: 'tool-result', toolCallId: 'c', toolName: 't', output } as const
    const request = { prompt: [{ role: 'tool' as const, content: [result] }] }
    const shorter = segmentsOf(request).map((segment) => ({ ...segment, text: 'It' }))
    expect(withSegments(request, shorter).prompt[0]?.content[0]).toMatchObject({
      output: { type: 'error-text', value: 'It' },
    })
  })

  it('says so when a segment is not from a request', () => {
    expect(() => withSegments(REQUEST, [{ role: 'user', kind: 'text', text: 'x' }])).toThrow(/segment, text/)
  })
})
