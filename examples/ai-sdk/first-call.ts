import { openai } from '@ai-sdk/openai'
import { createPlimsoll } from '@plimsoll/core'
import { plimsollMiddleware } from '@plimsoll/ai-sdk'
import { generateText, wrapLanguageModel } from 'ai'

const plimsoll = createPlimsoll()
const model = wrapLanguageModel({
  model: openai('gpt-5-mini'),
  middleware: plimsollMiddleware(plimsoll),
})
const { text } = await generateText({ model, prompt: 'Say hello.' })
console.log(text)
