import { ChatOpenAI } from '@langchain/openai'
import { createPlimsoll } from '@plimsoll/core'
import { PlimsollCallbackHandler, withPlimsoll } from '@plimsoll/langchain'
import type { MakeToolkit, Question, Way } from './toolkit.ts'

// LangChain prints whatever a handler throws to stop a call: here that is meant.
const print = console.error
console.error = (...said: unknown[]) => {
  if (!String(said[0]).startsWith('Error in handler PlimsollCallbackHandler')) print(...said)
}

export const langchain: MakeToolkit = async (config, provider) => {
  const plimsoll = createPlimsoll(config)
  const callbacks = [new PlimsollCallbackHandler(plimsoll)]
  const configuration = { baseURL: `${provider}/v1` }
  const bare = ({ model, maxTokens }: Question) =>
    new ChatOpenAI({ model, maxTokens, apiKey: 'any', configuration, maxRetries: 0 })
  const wrapped: Model = (question) => withPlimsoll(bare(question), plimsoll, question.attributes)
  const observed: Model = (question) =>
    bare(question).withConfig({ callbacks, metadata: { plimsoll: question.attributes } })
  return {
    plimsoll,
    ways: {
      'the wrapper, a reader that stops': { ...asking(wrapped), hold: stopping(wrapped) },
      'the wrapper, a signal': { ...asking(wrapped), hold: aborting(wrapped) },
      'the handler, a reader that stops': { ...asking(observed), hold: stopping(observed) },
      'the handler, a signal': { ...asking(observed), hold: aborting(observed) },
    },
    async end() {
      await plimsoll.drain()
      await plimsoll.flush()
    },
  }
}

type Model = (question: Question) => Pick<ChatOpenAI, 'invoke' | 'stream'>

const asking = (model: Model): Pick<Way, 'ask'> => ({
  ask: (question, signal) => model(question).invoke(question.text, { signal }),
})

const stopping =
  (model: Model): Way['hold'] =>
  async (question) => {
    const stream = await model(question).stream(question.text)
    const pieces = stream[Symbol.asyncIterator]()
    await pieces.next()
    return () => pieces.return?.()
  }

const aborting =
  (model: Model): Way['hold'] =>
  async (question) => {
    const caller = new AbortController()
    const stream = await model(question).stream(question.text, { signal: caller.signal })
    const pieces = stream[Symbol.asyncIterator]()
    await pieces.next()
    return async () => {
      const next = pieces.next()
      caller.abort(new Error('gone'))
      await next.catch(() => {})
    }
  }
