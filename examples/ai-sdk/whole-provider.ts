import { openai } from '@ai-sdk/openai'
import { createPlimsoll } from '@plimsoll/core'
import { withPlimsoll } from '@plimsoll/ai-sdk'
import { embed, generateText } from 'ai'

const provider = withPlimsoll(openai, createPlimsoll())
const { text } = await generateText({ model: provider('gpt-5-mini'), prompt: 'Say hello.' })
const { embedding } = await embed({ model: provider.embedding('text-embedding-3-small'), value: text })
console.log(embedding.length)
