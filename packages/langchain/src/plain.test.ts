import { AIMessage, AIMessageChunk } from '@langchain/core/messages'
import type { ChatResult } from '@langchain/core/outputs'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import { describe, expect, it } from 'vitest'
import {
  copyChunk,
  copyResult,
  decodeChunk,
  decodeResult,
  encodeChunk,
  encodeResult,
  toPlain,
} from './plain.ts'

const call = { name: 'look', args: { at: ['it'] }, id: 'c1', type: 'tool_call' } as const

function result(): ChatResult {
  const message = new AIMessage({
    content: [{ type: 'text', text: 'a' }],
    id: 'm1',
    tool_calls: [call],
    response_metadata: { finish_reason: 'tool_calls' },
    usage_metadata: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  } as never)
  return {
    generations: [{ message, text: 'a', generationInfo: { finish_reason: 'tool_calls' } }],
    llmOutput: { a: [1] },
  }
}

function chunk(): ChatGenerationChunk {
  const tool_call_chunks = [
    { name: 'look', args: '{"at"', id: 'c1', index: 0, type: 'tool_call_chunk' as const },
  ]
  const message = new AIMessageChunk({ content: 'a', tool_call_chunks, response_metadata: { x: { y: 1 } } })
  return new ChatGenerationChunk({ message, text: 'a', generationInfo: { prompt: 0 } })
}

describe('an answer that is kept', () => {
  it('comes back from JSON as it was, of its class', () => {
    const back = decodeResult(JSON.parse(JSON.stringify(encodeResult(result()))))
    expect(back).toEqual(result())
    expect(back.generations[0]?.message).toBeInstanceOf(AIMessage)
    const chunkBack = decodeChunk(JSON.parse(JSON.stringify(encodeChunk(chunk()))))
    expect(chunkBack).toEqual(chunk())
    expect(chunkBack.concat(chunkBack).text).toBe('aa')
  })

  it('that was put together from chunks stays one', () => {
    const whole: ChatResult = { generations: [{ message: chunk().message, text: 'a' }] }
    expect(decodeResult(encodeResult(whole)).generations[0]?.message).toBeInstanceOf(AIMessageChunk)
  })

  it('may be changed by whoever has a copy', () => {
    const original = result()
    const copy = copyResult(original)
    const message = copy.generations[0]!.message as AIMessage
    ;(message.content as { text: string }[])[0]!.text = 'changed'
    ;(message.tool_calls![0]!.args['at'] as string[]).push('more')
    message.response_metadata['finish_reason'] = 'changed'
    copy.llmOutput!['a'].push(2)
    expect(original).toEqual(result())
    const first = chunk()
    const second = copyChunk(first)
    ;(second.message.response_metadata['x'] as { y: number }).y = 2
    expect(first).toEqual(chunk())
  })
})

describe('plain data', () => {
  it('has bytes and large numbers as text, and leaves out what JSON does', () => {
    expect(toPlain({ a: new Uint8Array([1, 2]), b: 1n, c: undefined, d: () => 1 })).toEqual({
      a: 'AQI=',
      b: '1',
    })
    expect(toPlain(undefined)).toBeUndefined()
  })
})
