import type { MockLanguageModelV4 } from 'ai/test'

type Params = Parameters<MockLanguageModelV4['doGenerate']>[0]
type Answer = Awaited<ReturnType<MockLanguageModelV4['doGenerate']>>
type Stream = Awaited<ReturnType<MockLanguageModelV4['doStream']>>['stream']
type Part = Stream extends ReadableStream<infer P> ? P : never

const USAGE: Answer['usage'] = {
  inputTokens: { total: 12, noCache: 12, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 100, text: 100, reasoning: undefined },
}
const FINISH: Answer['finishReason'] = { unified: 'stop', raw: 'stop' }
/** As many as a short answer has. */
const DELTAS = 100

export const PARAMS: Params = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'How deep may this ship lie in the water?' }] }],
  maxOutputTokens: 300,
}

export const ANSWER: Answer = {
  content: [{ type: 'text', text: 'Up to its line.' }],
  finishReason: FINISH,
  usage: USAGE,
  warnings: [],
}

export const PARTS: Part[] = [
  { type: 'stream-start', warnings: [] },
  { type: 'text-start', id: '1' },
  ...Array.from({ length: DELTAS }, (): Part => ({ type: 'text-delta', id: '1', delta: 'water ' })),
  { type: 'text-end', id: '1' },
  { type: 'finish', finishReason: FINISH, usage: USAGE },
]
