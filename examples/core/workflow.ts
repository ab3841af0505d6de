import { createPlimsoll } from '@plimsoll/core'

const plimsoll = createPlimsoll({
  onEvent: (event) => {
    if (event.type === 'run.finished') console.log(event.workflow, event.calls, event.usage)
  },
})
const ask = (input: string) =>
  plimsoll.call({ target: 'openai/gpt-5-mini', input, maxOutputTokens: 50 }, async () => ({
    text: `About ${input}`,
    usage: { input_tokens: 12, output_tokens: 5 },
  }))

// The calls share an id and a deadline; once the run has begun it goes before runs that have not.
const answer = await plimsoll.workflow('support', { tenant: 'acme', deadlineMs: 20_000 }, async () => {
  const { text } = await ask('the question')
  return ask(text)
})
console.log(answer.text)
