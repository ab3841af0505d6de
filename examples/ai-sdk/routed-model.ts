import { openai } from '@ai-sdk/openai'
import { createPlimsoll } from '@plimsoll/core'
import { routedModel } from '@plimsoll/ai-sdk'
import { generateText } from 'ai'

const plimsoll = createPlimsoll({
  tasks: {
    answer: {
      targets: ['openai/gpt-5-mini', 'openai/gpt-5'],
      strategy: 'headroom',
      degrade: [{ target: 'openai/gpt-5-nano' }],
    },
  },
})
const model = routedModel(plimsoll, {
  'openai/gpt-5-mini': openai('gpt-5-mini'),
  'openai/gpt-5': openai('gpt-5'),
  'openai/gpt-5-nano': openai('gpt-5-nano'),
})
const { text, response, providerMetadata } = await plimsoll.with({ tenant: 'acme', task: 'answer' }, () =>
  generateText({ model, prompt: 'Say hello.' }),
)
console.log(text, response.modelId, providerMetadata?.['plimsoll'])
