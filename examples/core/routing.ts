import { createPlimsoll } from '@plimsoll/core'

const plimsoll = createPlimsoll({
  tasks: {
    classify: { targets: ['openai/gpt-5-nano'] },
    answer: {
      targets: ['openai/gpt-5-mini', 'anthropic/claude-haiku-4-5'],
      escalate: ['openai/gpt-5'],
      validate: (answer) => answer !== '',
    },
  },
  // A call that says nothing of its task is told by what it is.
  classifyTask: ({ segments }) => (segments()[0]?.text.startsWith('Classify') ? 'classify' : 'answer'),
  onEvent: (event) => {
    if (event.type === 'call.finished') console.log(event.attributes.task, event.target, event.fallback)
  },
})
// Whoever calls is told which target it is to be.
const ask = (input: string) =>
  plimsoll.call({ input, maxOutputTokens: 50 }, async ({ target }) => {
    if (target === 'openai/gpt-5-mini') throw Object.assign(new Error('down'), { status: 503 })
    return `an answer of ${target}`
  })

console.log(await ask('Classify: spam or not?'))
console.log(await ask('Why is the sea salt?'))
