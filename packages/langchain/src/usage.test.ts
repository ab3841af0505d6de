import { AIMessage, AIMessageChunk } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import { describe, expect, it } from 'vitest'
import { chunkInfo, resultInfo } from './parts.ts'
import { maxOutputTokensOf } from './request.ts'
import { addUsage, finishOf, usageOf } from './usage.ts'

describe('usage', () => {
  it('is what LangChain has of it, cache and tier included', () => {
    const counts = {
      input_tokens: 10,
      output_tokens: 5,
      total_tokens: 15,
      input_token_details: { cache_read: 3, cache_creation: 2 },
      output_token_details: { reasoning: 1 },
    }
    const said = { usage: { cache_creation: { ephemeral_1h_input_tokens: 2 }, service_tier: 'priority' } }
    expect(usageOf(counts, said)).toEqual({
      inputTokens: 10,
      outputTokens: 5,
      cacheReadTokens: 3,
      cacheWriteTokens: 2,
      cacheWrite1hTokens: 2,
      reasoningTokens: 1,
      serviceTier: 'priority',
    })
    expect(usageOf(counts, { service_tier: 'flex' })).toMatchObject({ serviceTier: 'flex' })
  })

  it.each([undefined, null, 7, {}, { input_tokens: Number.NaN }, { input_tokens: -1, output_tokens: '3' }])(
    'of %j is not known',
    (counts) => expect(usageOf(counts)).toBeUndefined(),
  )

  it('in pieces adds up', () => {
    const one = { inputTokens: 10, outputTokens: 1, serviceTier: 'flex' }
    expect(addUsage(one, { inputTokens: 0, outputTokens: 5, reasoningTokens: 2 })).toEqual({
      inputTokens: 10,
      outputTokens: 6,
      reasoningTokens: 2,
      serviceTier: 'flex',
    })
    expect([addUsage(undefined, one), addUsage(one, undefined)]).toEqual([one, one])
  })
})

describe('why an answer ended', () => {
  it.each([
    [{ finish_reason: 'stop' }, 'stop'],
    [{ stop_reason: 'end_turn' }, 'stop'],
    [{ finishReason: 'MAX_TOKENS' }, 'length'],
    [{ stopReason: 'tool_use' }, 'tool-calls'],
    [{ status: 'incomplete' }, 'length'],
    [{ finish_reason: 'SAFETY' }, 'content-filter'],
    [{ finish_reason: 'something new' }, 'other'],
    [{ finish_reason: '' }, undefined],
    [{}, undefined],
    [undefined, undefined],
  ])('%j is %s', (place, finish) => expect(finishOf(undefined, place)).toBe(finish))
})

describe('what is read of an answer', () => {
  it('of no generation is nothing but that it is there', () => {
    expect(resultInfo({ generations: [] })).toEqual({ content: true })
  })

  it('of a model that says neither why it ended nor what it used is its length', () => {
    const message = new AIMessage('four')
    expect(resultInfo({ generations: [{ message, text: 'four' }] })).toEqual({ content: true, bytes: 4 })
  })

  it.each([
    ['text', { content: 'ab' }, { content: true, bytes: 2 }],
    ['a block of text', { content: [{ type: 'text', text: 'ab' }] }, { content: true, bytes: 2 }],
    ['reasoning', { content: [{ type: 'thinking', thinking: 'abc' }] }, { content: true, bytes: 3 }],
    [
      'reasoning beside it',
      { content: '', additional_kwargs: { reasoning_content: 'abc' } },
      { content: true, bytes: 3 },
    ],
    [
      'the name of a tool',
      { content: '', tool_call_chunks: [{ name: 'look', args: '', index: 0 }] },
      { content: true, bytes: 4 },
    ],
    ['an image', { content: [{ type: 'image_url', image_url: 'x' }] }, { content: true }],
    ['nothing', { content: '' }, {}],
  ])('in a chunk with %s', (_, fields, info) => {
    const message = new AIMessageChunk(fields as never)
    expect(chunkInfo(new ChatGenerationChunk({ message, text: '' }))).toEqual(info)
  })
})

describe('how long an answer may be', () => {
  it.each([
    [{ max_tokens: 5 }, 5],
    [{ max_completion_tokens: 6 }, 6],
    [{ max_output_tokens: 7 }, 7],
    [{ maxOutputTokens: 8 }, 8],
    [{ inferenceConfig: { maxTokens: 9 } }, 9],
    [{ max_tokens: -1 }, undefined],
    [{ max_tokens: 'many' }, undefined],
    [{}, undefined],
  ])('by %j', (params, length) => expect(maxOutputTokensOf(params)).toBe(length))
})
