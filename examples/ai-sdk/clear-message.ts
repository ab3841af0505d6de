import { openai } from '@ai-sdk/openai'
import { createPlimsoll } from '@plimsoll/core'
import { plimsollMiddleware } from '@plimsoll/ai-sdk'
import { generateText, wrapLanguageModel } from 'ai'

// Who looks on is told at once that it would take long, in words of ours.
const plimsoll = createPlimsoll({
  targets: { 'openai/gpt-5-mini': { limits: { rpm: 1 } } },
  tasks: { chat: { maxWaitMs: 500, degrade: [{ message: 'It is busy just now: ask again in a minute.' }] } },
})
const model = wrapLanguageModel({
  model: openai('gpt-5-mini'),
  middleware: plimsollMiddleware(plimsoll, { task: 'chat', mode: 'interactive' }),
})
for (const prompt of ['Say hello.', 'And again.']) {
  const { text, providerMetadata } = await generateText({ model, prompt, maxOutputTokens: 30 })
  console.log(text, providerMetadata?.['plimsoll'])
}
