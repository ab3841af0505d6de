import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodingOf } from './encoding.ts'

describe('the newer encoding', () => {
  test.each([
    'gpt-4o',
    'gpt-4o-mini-2024-07-18',
    'chatgpt-4o-latest',
    'gpt-4.1-nano',
    'gpt-4.5-preview',
    'gpt-5',
    'gpt-5-mini',
    'gpt-5.1-codex-max',
    'gpt-5.2-pro',
    'gpt-6',
    'o1',
    'o3-mini',
    'o4-mini-deep-research',
    'gpt-oss-120b',
    'openai.gpt-oss-20b-1:0',
    'openai/gpt-5-mini',
    'openrouter/openai/gpt-5:nitro',
    'ft:gpt-4o:house::id',
    'ft:gpt-4.1-mini-2025-04-14:house::id',
  ])('is %s of OpenAI', (model) => {
    expect(encodingOf(model)).toBe('o200k_base')
  })

  test.each(['gpt4o-prod', 'eu-gpt-4o', 'gpt-41-mini', 'gpt-4-1-mini', 'gpt-4-5', 'gpt41', 'my deployment'])(
    'is the deployment %s',
    (model) => {
      expect(encodingOf(model)).toBe('o200k_base')
    },
  )

  test.each([
    'claude-haiku-4-5',
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'anthropic/claude-opus-4.1',
    'claude-3-5-sonnet@20240620',
    'gemini-3-pro',
    'models/gemini-2.5-flash',
    'publishers/google/models/gemini-2.5-pro',
    'text-embedding-004',
    'text-embedding-v3',
    'gemini-embedding-001',
    'llama-4-maverick',
    'meta.llama3-3-70b-instruct-v1:0',
    'accounts/fireworks/models/llama-v3p1-405b-instruct',
    'mistral-large-2411',
    'codestral-latest',
    'deepseek-chat',
    'deepseek-ai/DeepSeek-V3.1',
    'qwen3-235b-a22b',
    'grok-4-fast',
    'command-r-plus',
    'amazon.nova-pro-v1:0',
    'kimi-k2',
    'glm-4.6',
  ])('stands in for %s', (model) => {
    expect(encodingOf(model)).toBe('o200k_base')
  })
})

describe('the older encoding', () => {
  test.each([
    'gpt-4',
    'GPT-4-turbo',
    'gpt-4-0613',
    'gpt-4-1106-preview',
    'gpt-4-32k',
    'gpt-4-vision-preview',
    'gpt-4-turbo-2024-04-09',
    'gpt-3.5-turbo-16k',
    'gpt-35-turbo',
    'gpt35-turbo',
    'gpt-3-5-turbo',
    'azure/gpt-35-turbo',
    'ft:gpt-3.5-turbo:house::id',
    'text-embedding-3-small',
    'openai/text-embedding-3-large',
    'text-embedding-ada-002',
    'ada-002',
    'davinci-002',
    'babbage-002',
    'eu-gpt4',
    'prod_gpt-4-turbo',
  ])('is %s', (model) => {
    expect(encodingOf(model)).toBe('cl100k_base')
  })
})

test('a name is not looked at beyond 256 characters', () => {
  expect(encodingOf(`${'x'.repeat(251)}-gpt4`)).toBe('cl100k_base')
  expect(encodingOf(`${'x'.repeat(252)}-gpt4`)).toBe('o200k_base')
})

test('part of a longer word is no name', () => {
  expect(encodingOf('minigpt-4')).toBe('o200k_base')
  expect(encodingOf('4gpt4')).toBe('o200k_base')
})

test('nothing throws, not even what is no name at all', () => {
  fc.assert(
    fc.property(fc.anything(), (model) => {
      expect(['o200k_base', 'cl100k_base']).toContain(encodingOf(model as string))
    }),
  )
  const hostile = {
    toString() {
      throw new Error('no')
    },
  }
  expect(encodingOf(hostile as unknown as string)).toBe('o200k_base')
  expect(encodingOf('__proto__')).toBe('o200k_base')
})
