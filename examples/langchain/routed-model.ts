import { ChatAnthropic } from '@langchain/anthropic'
import { ChatOpenAI } from '@langchain/openai'
import { createPlimsoll } from '@plimsoll/core'
import { routedChatModel } from '@plimsoll/langchain'
import { z } from 'zod'

const plimsoll = createPlimsoll({
  tasks: { extract: { targets: ['openai/gpt-5-mini', 'anthropic/claude-haiku-4-5'], strategy: 'headroom' } },
})
const model = routedChatModel(plimsoll, {
  'openai/gpt-5-mini': new ChatOpenAI({ model: 'gpt-5-mini' }),
  'anthropic/claude-haiku-4-5': new ChatAnthropic({ model: 'claude-haiku-4-5' }),
})

// Whichever is chosen is asked for the object in its own way.
const city = model.withStructuredOutput(z.object({ city: z.string(), country: z.string() }))
console.log(await plimsoll.with({ task: 'extract' }, () => city.invoke('I live in Oslo.')))
