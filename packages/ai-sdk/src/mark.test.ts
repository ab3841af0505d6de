import { describe, expect, it } from 'vitest'
import { withMark } from './mark.ts'
import { REQUEST } from './request.fixture.ts'
import { segmentsOf } from './segments.ts'
import type { LanguageRequest } from './versions.ts'

const MARK = {
  anthropic: { cacheControl: { type: 'ephemeral' } },
  bedrock: { cachePoint: { type: 'default' } },
}
const SYSTEM = { role: 'system', content: 'a' } as const

describe('a prompt-cache breakpoint', () => {
  it('is set on the message or part behind which the prefix ends', () => {
    const segments = segmentsOf(REQUEST)
    const indexes = ['Be kind.', 'Thank you'].map((text) =>
      segments.findIndex((segment) => segment.text === text),
    )
    const { prompt, tools } = withMark(REQUEST, indexes)
    expect(prompt[0]).toEqual({ ...REQUEST.prompt[0], providerOptions: MARK })
    expect(prompt[5]?.content[0]).toEqual({ type: 'text', text: 'Thank you', providerOptions: MARK })
    expect(prompt.slice(1, 5)).toEqual(REQUEST.prompt.slice(1, 5))
    expect(tools).toEqual(REQUEST.tools)
  })

  it('behind the tools is set on the last that can have one', () => {
    const { tools } = withMark(REQUEST, [0])
    expect(tools).toEqual([{ ...REQUEST.tools?.[0], providerOptions: MARK }, REQUEST.tools?.[1]])
  })

  it('leaves other options, and the request itself, as they are', () => {
    const content = [
      {
        type: 'text' as const,
        text: 'a',
        providerOptions: { anthropic: { citations: true }, openai: { b: 1 } },
      },
    ]
    const marked = withMark({ prompt: [{ role: 'user', content }] }, [0, 7])
    expect(marked.prompt[0]?.content[0]).toMatchObject({
      providerOptions: {
        anthropic: { citations: true, cacheControl: { type: 'ephemeral' } },
        openai: { b: 1 },
      },
    })
    expect(content[0]?.providerOptions.anthropic).toEqual({ citations: true })
  })

  it.each<[string, LanguageRequest]>([
    ['a message', { prompt: [{ role: 'system', content: 'a', providerOptions: MARK }] }],
    ['a part', { prompt: [{ role: 'user', content: [{ type: 'text', text: 'a', providerOptions: MARK }] }] }],
    [
      'a tool',
      { prompt: [], tools: [{ type: 'function', name: 't', inputSchema: {}, providerOptions: MARK }] },
    ],
    ['the whole', { prompt: [], providerOptions: MARK }],
    ['Anthropic alone', { prompt: [SYSTEM], providerOptions: { anthropic: { cacheControl: {} } } }],
    [
      'Anthropic, as it writes it',
      { prompt: [SYSTEM], providerOptions: { anthropic: { cache_control: {} } } },
    ],
    ['Bedrock', { prompt: [{ ...SYSTEM, providerOptions: { bedrock: { cachePoint: {} } } }] }],
    ['Bedrock anew', { prompt: [{ ...SYSTEM, providerOptions: { amazonBedrock: { cachePoint: {} } } }] }],
  ])('is not set where the request has one of its own, on %s', (_, params) => {
    expect(withMark(params, [0])).toBe(params)
  })
})
