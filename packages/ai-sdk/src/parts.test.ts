import type { JSONValue, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { partInfo, resultInfo } from './parts.ts'
import { embeddingUsageOf, finishOf, usageOf } from './usage.ts'

const FILE = { mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } } as const
const TOOL = { toolCallId: 'c', toolName: 't' } as const
const NONE = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined }
const NO_OUTPUT = { total: undefined, text: undefined, reasoning: undefined }

describe('a part of a stream', () => {
  it.each<LanguageModelV4StreamPart>([
    { type: 'text-delta', id: '1', delta: 'é' },
    { type: 'reasoning-delta', id: '1', delta: 'é' },
    { type: 'tool-input-delta', id: '1', delta: 'é' },
  ])('is content with its bytes: $type', (part) => {
    expect(partInfo(part)).toEqual({ content: true, bytes: 2 })
  })

  it.each<LanguageModelV4StreamPart>([
    { type: 'tool-call', ...TOOL, input: '{}' },
    { type: 'tool-result', ...TOOL, result: 1 },
    { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c' },
    { type: 'file', ...FILE },
    { type: 'reasoning-file', ...FILE },
    { type: 'source', sourceType: 'url', id: '1', url: 'https://a.example' },
    { type: 'custom', kind: 'a.b' },
  ])('is content: $type', (part) => {
    expect(partInfo(part)).toEqual({ content: true })
  })

  it.each<LanguageModelV4StreamPart>([
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', id: 'r' },
    { type: 'ping' },
    { type: 'raw', rawValue: 'x' },
    { type: 'text-start', id: '1' },
    { type: 'text-delta', id: '1', delta: '' },
    { type: 'text-end', id: '1' },
    { type: 'reasoning-start', id: '1' },
    { type: 'reasoning-end', id: '1' },
    { type: 'tool-input-start', id: '1', toolName: 't' },
    { type: 'tool-input-end', id: '1' },
    { type: 'of tomorrow' } as unknown as LanguageModelV4StreamPart,
  ])('is nothing that anyone came for: $type', (part) => {
    expect(partInfo(part)).toEqual({})
  })

  it('tells usage and finish, and an error', () => {
    const usage = { inputTokens: { ...NONE, total: 5 }, outputTokens: { ...NO_OUTPUT, total: 2 } }
    expect(partInfo({ type: 'finish', finishReason: { unified: 'length', raw: 'x' }, usage })).toEqual({
      finish: 'length',
      usage: { inputTokens: 5, outputTokens: 2 },
    })
    expect(partInfo({ type: 'error', error: 'e' })).toEqual({ error: 'e' })
  })

  it('that ends it without a reason or usage tells that it broke off', () => {
    const unsaid = { inputTokens: NONE, outputTokens: NO_OUTPUT }
    const finish = (unified: 'other' | 'stop', raw: string | undefined, total?: number) =>
      partInfo({
        type: 'finish',
        finishReason: { unified, raw },
        usage: { ...unsaid, inputTokens: { ...NONE, total } },
      }).finish
    expect(finish('other', undefined)).toBe('interrupted')
    expect([finish('other', 'new'), finish('other', undefined, 5), finish('stop', undefined)]).toEqual([
      'other',
      'other',
      'stop',
    ])
  })
})

describe('usage', () => {
  const inputTokens = { total: 10, noCache: 4, cacheRead: 5, cacheWrite: 1 }
  const usage = { inputTokens, outputTokens: { total: 3, text: 1, reasoning: 2 } }

  it('is the totals, with cache and reasoning as parts of them', () => {
    expect(usageOf({ usage })).toEqual({
      inputTokens: 10,
      outputTokens: 3,
      cacheReadTokens: 5,
      cacheWriteTokens: 1,
      reasoningTokens: 2,
    })
  })

  it('tells what Anthropic keeps for an hour', () => {
    const written = (cache_creation: JSONValue) => usageOf({ usage: { ...usage, raw: { cache_creation } } })
    const hour = { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 0 }
    expect(written(hour)).toMatchObject({ cacheWriteTokens: 1, cacheWrite1hTokens: 0 })
    for (const odd of [
      null,
      'x',
      [1],
      { ephemeral_1h_input_tokens: 'x' },
      { ephemeral_1h_input_tokens: -1 },
    ]) {
      expect(written(odd)).toEqual(usageOf({ usage }))
    }
  })

  it('names the service tier, wherever it is said', () => {
    const flex = { ...usageOf({ usage }), serviceTier: 'flex' }
    expect(usageOf({ usage: { ...usage, raw: { service_tier: 'flex' } } })).toEqual(flex)
    expect(usageOf({ usage, providerMetadata: { a: {}, azure: { serviceTier: 'flex' } } })).toEqual(flex)
    expect(usageOf({ usage, body: { service_tier: 'flex' } })).toEqual(flex)
    for (const service_tier of [null, '', 5]) {
      expect(usageOf({ usage, body: { service_tier } })).toEqual(usageOf({ usage }))
    }
    // A tier alone is nothing to bill by.
    expect(usageOf({ usage: undefined, body: { service_tier: 'flex' } })).toBeUndefined()
  })

  it('that is not known is absent, never 0 nor NaN', () => {
    expect(usageOf({ usage: { inputTokens: NONE, outputTokens: NO_OUTPUT } })).toBeUndefined()
    const odd = { ...NONE, total: NaN, cacheRead: -1 }
    expect(usageOf({ usage: { inputTokens: odd, outputTokens: { ...NO_OUTPUT, total: 0 } } })).toEqual({
      outputTokens: 0,
    })
    expect(usageOf({ usage: undefined })).toBeUndefined()
    expect(usageOf({ usage: {} as typeof usage })).toBeUndefined()
    expect(embeddingUsageOf(undefined)).toBeUndefined()
    expect(embeddingUsageOf({ tokens: NaN })).toBeUndefined()
    expect(embeddingUsageOf({ tokens: 3 })).toEqual({ inputTokens: 3 })
  })
})

describe('a finish', () => {
  it('is as the host has it; one that is not known is other', () => {
    for (const unified of [
      'stop',
      'length',
      'content-filter',
      'tool-calls',
      'error',
      'interrupted',
      'other',
    ] as const) {
      expect(finishOf({ unified, raw: undefined })).toBe(unified)
    }
    expect(finishOf({ unified: 'new' as 'stop', raw: 'new' })).toBe('other')
    expect(finishOf(undefined)).toBe('other')
  })
})

describe('a whole answer', () => {
  it('has the bytes of what was generated', () => {
    const info = resultInfo({
      content: [
        { type: 'reasoning', text: 'ab' },
        { type: 'text', text: 'é' },
        { type: 'tool-call', ...TOOL, input: '{}' },
        { type: 'file', ...FILE },
      ],
      finishReason: { unified: 'stop', raw: undefined },
      usage: { inputTokens: NONE, outputTokens: NO_OUTPUT },
      warnings: [],
    })
    expect(info).toEqual({ content: true, finish: 'stop', bytes: 6 })
  })
})
