import { describe, expect, it } from 'vitest'
import type { Segment } from '../call/host.ts'
import { asksForBreakpoints, breakpoints } from './breakpoints.ts'

const tokensOf = (segments: readonly Segment[]) => segments.reduce((sum, { text }) => sum + Number(text), 0)
const system = (tokens: number): Segment => ({ role: 'system', kind: 'text', text: `${tokens}` })
const tools = (tokens: number): Segment => ({ role: 'system', kind: 'tools', text: `${tokens}` })
const schema = (tokens: number): Segment => ({ role: 'system', kind: 'schema', text: `${tokens}` })
const user: Segment = { role: 'user', kind: 'text', text: '5000' }

describe('breakpoints', () => {
  it.each<[string, Segment[], number[]]>([
    ['behind the tools and behind the instructions', [tools(1_024), system(1), system(1), user], [0, 2]],
    ['once where there are no tools', [system(2_000), user], [0]],
    ['none behind tools that are too short', [tools(1_023), system(1), user], [1]],
    ['none below the least that is kept', [tools(500), system(523), user], []],
    ['none in what the next call will not have', [user, system(2_000)], []],
    ['none behind a schema', [tools(2_000), schema(10), user], [0]],
    ['where there is nothing else', [system(2_000)], [0]],
    ['none where there is nothing', [], []],
  ])('%s', (_, segments, expected) => {
    expect(breakpoints(segments, tokensOf)).toEqual(expected)
  })

  it.each([
    ['anthropic', 'claude-haiku-4-5', true],
    ['openai', 'gpt-5-mini', false],
    ['vertex', 'claude-sonnet-4-5@20250929', true],
    ['vertex', 'gemini-3-pro', false],
    ['bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', true],
    ['bedrock', 'anthropic.claude-3-7-sonnet-20250219-v1:0', true],
    ['bedrock', 'anthropic.claude-3-5-haiku-20241022-v1:0', true],
    ['bedrock', 'amazon.nova-pro-v1:0', true],
    ['bedrock', 'anthropic.claude-3-haiku-20240307-v1:0', false],
    ['bedrock', 'anthropic.claude-3-opus-20240229-v1:0', false],
    ['bedrock', 'anthropic.claude-3-5-sonnet-20240620-v1:0', false],
    ['bedrock', 'anthropic.claude-instant-v1', false],
    ['bedrock', 'anthropic.claude-v2:1', false],
    ['bedrock', 'meta.llama3-70b-instruct-v1:0', false],
    ['bedrock', 'supernova-1', false],
    ['my-claude-proxy', 'claude-haiku-4-5', false],
  ])('of %s for %s: %s', (provider, model, asks) => {
    expect(asksForBreakpoints(provider, model)).toBe(asks)
  })
})
