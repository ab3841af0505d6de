import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { folded, isKnownProvider, providerId } from './ids.ts'

test.each([
  // AI SDK
  ['openai.chat', 'openai'],
  ['openai.responses', 'openai'],
  ['openai.completion', 'openai'],
  ['openai.embedding', 'openai'],
  ['anthropic.messages', 'anthropic'],
  ['azure.chat', 'azure'],
  ['azure.responses', 'azure'],
  ['azure-openai.chat', 'azure'],
  ['google.generative-ai', 'google'],
  ['google.vertex.chat', 'vertex'],
  ['google.vertex.embedding', 'vertex'],
  ['google.vertex', 'vertex'],
  ['vertex.anthropic.messages', 'vertex'],
  ['amazon-bedrock', 'bedrock'],
  ['bedrock.anthropic.messages', 'bedrock'],
  ['groq.chat', 'groq'],
  ['mistral.chat', 'mistral'],
  ['deepseek.chat', 'deepseek'],
  ['xai.chat', 'xai'],
  ['openrouter', 'openrouter'],
  ['cohere.chat', 'cohere'],
  ['cohere.textEmbedding', 'cohere'],
  ['google.vertex.anthropic.messages', 'vertex'],
  ['togetherai.chat', 'togetherai'],
  ['fireworks.chat', 'fireworks'],
  ['gateway', 'gateway'],
  // LangChain's `ls_provider`
  ['openai', 'openai'],
  ['azure', 'azure'],
  ['anthropic', 'anthropic'],
  ['google_genai', 'google'],
  ['google_vertexai', 'vertex'],
  ['amazon_bedrock', 'bedrock'],
  ['mistral', 'mistral'],
  ['mistralai', 'mistral'],
  ['together', 'togetherai'],
  // LangChain's classes
  ['ChatOpenAI', 'openai'],
  ['AzureChatOpenAI', 'azure'],
  ['ChatGoogleGenerativeAI', 'google'],
  ['ChatVertexAI', 'vertex'],
  ['ChatBedrockConverse', 'bedrock'],
  // OpenTelemetry
  ['azure.ai.openai', 'azure'],
  ['aws.bedrock', 'bedrock'],
  ['gcp.gemini', 'google'],
  ['gcp.vertex_ai', 'vertex'],
  ['mistral_ai', 'mistral'],
  ['x_ai', 'xai'],
  // Names that we know, and nothing more
  ['perplexity.chat', 'perplexity'],
  ['Ollama', 'ollama'],
  // Names of one's own
  ['my-vllm.chat', 'my-vllm'],
  ['My.House.chat', 'My.House'],
  ['openai.internal.chat', 'openai.internal'],
  ['OpenAI', 'openai'],
  ['vertexing', 'vertexing'],
  ['my-vertex.chat', 'my-vertex'],
  ['house.chat.internal', 'house.chat.internal'],
  ['house.rerank', 'house'],
  ['house.reranking', 'house'],
  ['house.languageModel', 'house'],
  ['house.language-model', 'house'],
  ['my \n\t house', 'my house'],
  ['x'.repeat(200), 'x'.repeat(128)],
  ['__proto__', '__proto__'],
  ['', 'unknown'],
  ['.chat', 'unknown'],
  ['\u0000\n', 'unknown'],
])('%j is %j', (name, id) => {
  expect(providerId(name)).toBe(id)
})

test('any string has an id: short, without control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const id = providerId(name)
      expect(id.length).toBeGreaterThan(0)
      expect(id.length).toBeLessThanOrEqual(128)
      // oxlint-disable-next-line no-control-regex -- looked for
      expect(id).not.toMatch(/[\u0000-\u001f]/)
    }),
  )
  expect(providerId(undefined as unknown as string)).toBe('unknown')
})

test('tells its own ids from names that were kept', () => {
  for (const name of [
    'openai.chat',
    'azure',
    'gcp.gemini',
    'groq',
    'generic',
    'perplexity',
    'cerebras',
    'deepinfra',
    'ollama',
    'gateway',
  ]) {
    expect(isKnownProvider(providerId(name))).toBe(true)
  }
  for (const name of ['my-vllm.chat', 'opnai', '']) expect(isKnownProvider(providerId(name))).toBe(false)
})

test('names are compared without their case, and with one sign for all that part them', () => {
  expect([folded('GCP.Vertex_AI'), folded('my own-house'), folded('__proto__')]).toEqual([
    'gcp-vertex-ai',
    'my-own-house',
    '--proto--',
  ])
})
