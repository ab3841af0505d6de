import { createPlimsoll } from '@plimsoll/core'

// The large model is down: a smaller one answers, and the record says so.
const plimsoll = createPlimsoll({
  tasks: { summarise: { targets: ['openai/gpt-5'], degrade: [{ target: 'openai/gpt-5-nano' }] } },
  onEvent: (event) => {
    if (event.type === 'call.finished') console.log(event.target, event.degraded)
  },
})
const summary = await plimsoll.call(
  { task: 'summarise', input: 'A long report', maxOutputTokens: 100 },
  async ({ target }) => {
    if (target === 'openai/gpt-5') throw Object.assign(new Error('overloaded'), { status: 529 })
    return `A summary by ${target}`
  },
)
console.log(summary)
