import { ChatPromptTemplate } from '@langchain/core/prompts'
import { ChatOpenAI } from '@langchain/openai'
import { createPlimsoll } from '@plimsoll/core'
import { PlimsollCallbackHandler } from '@plimsoll/langchain'

const plimsoll = createPlimsoll({
  targets: { 'openai/gpt-5-mini': { limits: { rpm: 5_000, tpm: 2_000_000 } } },
})

// A chain whose model is out of reach: calls are let in and counted by what is attached around it.
const chain = ChatPromptTemplate.fromTemplate('Say hello to {name}.').pipe(
  new ChatOpenAI({ model: 'gpt-5-mini', maxRetries: 0 }),
)
const { text } = await chain.invoke(
  { name: 'Ada' },
  {
    callbacks: [new PlimsollCallbackHandler(plimsoll)],
    metadata: { plimsoll: { tenant: 'acme', feature: 'greeting' } },
  },
)
console.log(text, plimsoll.report({ by: 'feature' }).rows)
