import { plimsollMiddleware } from '@plimsoll/ai-sdk'
import { createPlimsoll } from '@plimsoll/core'
import { simulateReadableStream, wrapLanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { inTurn, timed } from '../measure.ts'
import type { Figure, Suite } from '../suite.ts'
import { LIMITS } from './limits.ts'
import { ANSWER, PARAMS, PARTS } from './mock-answers.ts'

type Model = ReturnType<typeof wrapLanguageModel>

/** What a call costs more than the same call without us, on a model that answers at once. */
export const governedCall: Suite = {
  name: 'governed-call',
  comparedWith: 'the bare call',
  async run() {
    const plimsoll = createPlimsoll({
      targets: { 'openai/model': { limits: LIMITS }, 'mock/model': { limits: LIMITS, provider: 'generic' } },
    })
    const call = { target: 'openai/model', tenant: 'acme', inputTokens: 700, maxOutputTokens: 300 }
    const counted = { target: 'openai/model', tenant: 'acme', input: TEXT, maxOutputTokens: 300 }
    const bare = mockModel()
    const governed = wrapLanguageModel({ model: mockModel(), middleware: plimsollMiddleware(plimsoll) })
    // Once before, and time for the ranks to load: a first call counts by character classes.
    await plimsoll.call(counted, fn)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    const pairs = [
      { name: 'plimsoll.call', bare: fn, governed: () => plimsoll.call(call, fn) },
      { name: 'plimsoll.call, 2 KB to count', bare: fn, governed: () => plimsoll.call(counted, fn) },
      { name: 'AI SDK, generate', bare: generating(bare), governed: generating(governed) },
      {
        name: `AI SDK, stream of ${PARTS.length} parts`,
        bare: streaming(bare),
        governed: streaming(governed),
      },
    ]
    const times = await timed(
      pairs.flatMap((pair) => [inTurn(pair.name, pair.bare), inTurn(pair.name, pair.governed)]),
      { roundMs: 20 },
    )
    return pairs.flatMap(({ name }, index): Figure[] => {
      const [without, within] = [times[2 * index]! / 1_000, times[2 * index + 1]! / 1_000]
      return [
        { name: `${name}: bare`, value: without, measure: 'us' },
        { name: `${name}: governed`, value: within, measure: 'us', ratio: within / without },
      ]
    })
  },
}

const fn = async () => ({ text: 'Hello', usage: { inputTokens: 600, outputTokens: 100 } })
const TEXT = 'The load line says how deep a ship may lie in the water. '.repeat(36)

function mockModel(): MockLanguageModelV4 {
  const model: MockLanguageModelV4 = new MockLanguageModelV4({
    provider: 'mock',
    modelId: 'model',
    doGenerate: async () => {
      // It keeps every request it was sent.
      model.doGenerateCalls.length = 0
      return ANSWER
    },
    doStream: async () => {
      model.doStreamCalls.length = 0
      const stream = simulateReadableStream({ chunks: PARTS, initialDelayInMs: null, chunkDelayInMs: null })
      return { stream }
    },
  })
  return model
}

function generating(model: Model): () => Promise<unknown> {
  return () => Promise.resolve(model.doGenerate(PARAMS))
}

function streaming(model: Model): () => Promise<void> {
  return async () => {
    const { stream } = await model.doStream(PARAMS)
    let parts = 0
    for await (const part of stream) if (part.type !== 'error') parts++
    if (parts !== PARTS.length) throw new Error(`Read ${parts} of ${PARTS.length} parts.`)
  }
}
