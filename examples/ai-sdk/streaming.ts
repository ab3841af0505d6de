import { openai } from '@ai-sdk/openai'
import { createPlimsoll } from '@plimsoll/core'
import { plimsollMiddleware } from '@plimsoll/ai-sdk'
import { streamText, wrapLanguageModel } from 'ai'

const plimsoll = createPlimsoll({
  targets: { 'openai/gpt-5-mini': { limits: { rpm: 5_000, tpm: 2_000_000, concurrency: 200 } } },
})
const model = wrapLanguageModel({
  model: openai('gpt-5-mini'),
  middleware: plimsollMiddleware(plimsoll, { feature: 'chat' }),
})

// Whoever handles a request says who is asking; every call inside knows it.
await plimsoll.with({ tenant: 'acme', user: 'ada', mode: 'interactive' }, async () => {
  const { textStream } = streamText({ model, prompt: 'Tell a very short story.', maxOutputTokens: 200 })
  for await (const text of textStream) process.stdout.write(text)
})
