import { createOpenAI } from '@ai-sdk/openai'
import { plimsollMiddleware } from '@plimsoll/ai-sdk'
import { createPlimsoll } from '@plimsoll/core'
import { generateText, streamText, wrapLanguageModel } from 'ai'
import type { MakeToolkit, Question } from './toolkit.ts'

export const aiSdk: MakeToolkit = async (config, provider) => {
  const plimsoll = createPlimsoll(config)
  const openai = createOpenAI({ baseURL: `${provider}/v1`, apiKey: 'any' })
  const asked = ({ model, text, maxTokens, attributes }: Question, abortSignal: AbortSignal) => ({
    model: wrapLanguageModel({
      model: openai.chat(model),
      middleware: plimsollMiddleware(plimsoll, attributes),
    }),
    prompt: text,
    maxOutputTokens: maxTokens,
    abortSignal,
  })
  return {
    plimsoll,
    ways: {
      'the middleware': {
        ask: (question, signal) => generateText(asked(question, signal)),
        async hold(question) {
          const caller = new AbortController()
          const { textStream } = streamText(asked(question, caller.signal))
          const pieces = textStream[Symbol.asyncIterator]()
          await pieces.next()
          return async () => {
            caller.abort(new Error('gone'))
            await pieces.return?.()
          }
        },
      },
    },
    async end() {
      await plimsoll.drain()
      await plimsoll.flush()
    },
  }
}
