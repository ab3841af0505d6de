import { setTimeout as sleep } from 'node:timers/promises'
import { createPlimsoll } from '@plimsoll/core'

// The model is down: yesterday's answer is better than none, and says that it is one.
const plimsoll = createPlimsoll({
  tasks: {
    faq: {
      targets: ['openai/gpt-5-mini'],
      cache: { ttlMs: 20, staleIfErrorMs: 86_400_000 },
      retry: { maxAttempts: 1 },
      degrade: ['stale', { message: 'Ask again in a while.' }],
    },
  },
  onEvent: (event) => {
    if (event.type === 'call.finished') console.log(event.cache, event.degraded, event.costUsd)
  },
})
let isDown = false
const ask = (input: string) =>
  plimsoll.call({ task: 'faq', input, maxOutputTokens: 50 }, async () => {
    if (isDown) throw Object.assign(new Error('down'), { status: 503 })
    return 'In the settings.'
  })

console.log(await ask('How do I cancel?'))
isDown = true
await sleep(40)
console.log(await ask('How do I cancel?')) // from the cache, past its time
console.log(await ask('How do I pay?')) // never asked before: what comes next
