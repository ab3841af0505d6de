import { AIMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import { describe, expect, it } from 'vitest'
import { withMark } from './mark.ts'
import type { CallOptions, ChatRequest } from './request.ts'
import { segmentsOf } from './segments.ts'
import { withSegments } from './with-segments.ts'

const look = { name: 'look', args: { at: 'it' }, id: 'c1', type: 'tool_call' } as const
const REQUEST: ChatRequest = {
  messages: [
    new SystemMessage('Be kind.'),
    new HumanMessage([
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'https://a.example' } },
      { type: 'input_audio', input_audio: { data: '', format: 'wav' } },
    ]),
    new AIMessage({
      content: [
        { type: 'thinking', thinking: 'Let me see.', signature: 's' },
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'c1', name: 'look', input: { at: 'it' } },
      ],
      tool_calls: [look],
    }),
    new ToolMessage({ content: 'a cat', tool_call_id: 'c1' }),
    new ChatMessage('A cat.', 'assistant'),
    new HumanMessage('Thank you'),
  ],
  options: {} as CallOptions,
  params: {
    tools: [{ name: 'look', input_schema: {} }],
    response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' } } },
  },
}

describe('segments', () => {
  it('are tools and schema, then the messages, in order', () => {
    expect(segmentsOf(REQUEST).map((segment) => Object.fromEntries(Object.entries(segment)))).toEqual([
      { role: 'system', kind: 'tools', text: JSON.stringify(REQUEST.params['tools']), pinned: true },
      { role: 'system', kind: 'schema', text: '{"type":"object"}', pinned: true },
      { role: 'system', kind: 'text', text: 'Be kind.', pinned: true },
      { role: 'user', kind: 'text', text: 'What is this?' },
      { role: 'user', kind: 'file', text: '', tokens: 765 },
      { role: 'user', kind: 'file', text: '', tokens: 3_000 },
      { role: 'assistant', kind: 'text', text: 'Let me see.' },
      { role: 'assistant', kind: 'text', text: 'Let me look.' },
      { role: 'assistant', kind: 'tool-call', text: 'look {"at":"it"}', pairing: 'c1' },
      { role: 'tool', kind: 'tool-result', text: 'a cat', pairing: 'c1' },
      { role: 'assistant', kind: 'text', text: 'A cat.' },
      { role: 'user', kind: 'text', text: 'Thank you', pinned: true },
    ])
  })

  it('of an empty request are none', () => {
    expect(segmentsOf({ messages: [], options: {} as CallOptions, params: { tools: [] } })).toEqual([])
  })

  it('say that an object is asked for where a tool is forced, and count its schema once', () => {
    const params = {
      ...REQUEST.params,
      response_format: undefined,
      tool_choice: { type: 'tool', name: 'look' },
    }
    const schema = segmentsOf({ ...REQUEST, params }).filter(({ kind }) => kind === 'schema')
    expect(schema.map(({ text }) => text)).toEqual([''])
  })
})

describe('a request with other segments', () => {
  it('is the same with all of them', () => {
    const same = withSegments(REQUEST, segmentsOf(REQUEST))
    expect(same.messages.every((message, index) => message === REQUEST.messages[index])).toBe(true)
  })

  it('has only what is left of it, and a call goes from the content with it', () => {
    const kept = segmentsOf(REQUEST).filter(({ pinned, text }) => pinned || text === 'Let me look.')
    const { messages } = withSegments(REQUEST, kept)
    expect(messages.map(({ content }) => content)).toEqual([
      'Be kind.',
      [{ type: 'text', text: 'Let me look.' }],
      'Thank you',
    ])
    expect((messages[1] as AIMessage).tool_calls).toEqual([])
    expect((REQUEST.messages[2] as AIMessage).tool_calls).toHaveLength(1)
  })

  it('has them shortened, where they can be: reasoning is signed, and goes as a whole', () => {
    const shorter = segmentsOf(REQUEST).map((segment) => ({ ...segment, text: segment.text.slice(0, 3) }))
    const { messages } = withSegments(REQUEST, shorter)
    expect(messages[0]?.content).toBe('Be ')
    expect(messages[2]?.content).toEqual([
      { type: 'text', text: 'Let' },
      { type: 'tool_use', id: 'c1', name: 'look', input: { at: 'it' } },
    ])
    expect(messages[3]).toBeInstanceOf(ToolMessage)
    expect(messages[3]).toMatchObject({ content: 'a c', tool_call_id: 'c1' })
    expect(REQUEST.messages[0]?.content).toBe('Be kind.')
  })
})

describe('a prompt-cache breakpoint', () => {
  const indexOf = (text: string) => segmentsOf(REQUEST).findIndex((segment) => segment.text === text)

  it('is set on the block behind which the prefix ends, and on the last tool', () => {
    const options = { tools: REQUEST.params['tools'] } as CallOptions
    const { messages, options: marked } = withMark({ ...REQUEST, options }, [0, indexOf('Be kind.')])
    const cacheControl = { type: 'ephemeral' }
    expect(messages[0]?.content).toEqual([{ type: 'text', text: 'Be kind.', cache_control: cacheControl }])
    expect(marked['tools']).toEqual([{ name: 'look', input_schema: {}, cache_control: cacheControl }])
    expect(REQUEST.messages[0]?.content).toBe('Be kind.')
  })

  it('is set on no tool of another form, nor where a model has its tools elsewhere', () => {
    const tools = [{ type: 'function', function: { name: 'look' } }]
    expect(
      withMark({ ...REQUEST, options: { tools } as unknown as CallOptions }, [0]).options['tools'],
    ).toEqual(tools)
    expect(withMark(REQUEST, [0]).options).not.toHaveProperty('tools')
  })

  it.each([
    ['a block', { messages: [new HumanMessage([{ type: 'text', text: 'a', cache_control: {} }])] }],
    [
      'a tool',
      { options: { tools: [{ name: 't', input_schema: {}, cache_control: {} }] } as unknown as CallOptions },
    ],
    ['the whole', { options: { cache_control: { type: 'ephemeral' } } as unknown as CallOptions }],
  ])('is not set where the request has one of its own, on %s', (_, own) => {
    const request = { ...REQUEST, ...own }
    expect(withMark(request, [2])).toBe(request)
  })
})
