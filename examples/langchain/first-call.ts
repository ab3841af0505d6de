import { ChatOpenAI } from '@langchain/openai'
import { createPlimsoll } from '@plimsoll/core'
import { withPlimsoll } from '@plimsoll/langchain'

const plimsoll = createPlimsoll()
const model = withPlimsoll(new ChatOpenAI({ model: 'gpt-5-mini' }), plimsoll)
const { text } = await model.invoke('Say hello.')
console.log(text)
