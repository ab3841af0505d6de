import { ChatOpenAI } from '@langchain/openai'
import { createPlimsoll } from '@plimsoll/core'
import { plimsollMiddleware, spendLimitMiddleware } from '@plimsoll/langchain/agents'
import { createAgent, tool } from 'langchain'
import { z } from 'zod'

const plimsoll = createPlimsoll({
  targets: { 'openai/gpt-5-mini': { limits: { rpm: 5_000, tpm: 2_000_000, concurrency: 200 } } },
})
const weather = tool(({ city }) => `It is sunny in ${city}.`, {
  name: 'weather',
  description: 'Tells the weather in a city.',
  schema: z.object({ city: z.string() }),
})
const agent = createAgent({
  model: new ChatOpenAI({ model: 'gpt-5-mini' }),
  tools: [weather],
  // What one run may spend; then, last, what governs each of its calls.
  middleware: [spendLimitMiddleware({ runLimit: { tokens: 50_000 } }), plimsollMiddleware(plimsoll)],
})
const question = 'What is the weather in Oslo?'
const { messages } = await plimsoll.with({ tenant: 'acme', mode: 'interactive' }, () =>
  agent.invoke({ messages: [{ role: 'user', content: question }] }),
)
console.log(messages.at(-1)?.text, plimsoll.report({ by: 'tenant' }).rows)
