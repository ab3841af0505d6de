import { createPlimsoll, PlimsollError } from '@plimsoll/core'

// Nothing lesser will do: not a smaller model, not a message, not an answer that does not pass.
const plimsoll = createPlimsoll({
  tasks: {
    compliance: {
      targets: ['azure-eu/gpt-5'],
      risk: 'high',
      validate: (answer) => typeof answer === 'string' && answer.includes('Article'),
    },
  },
})
const check = (answer: () => Promise<string>) =>
  plimsoll.call({ task: 'compliance', input: 'May we keep this?', maxOutputTokens: 300 }, answer)

console.log(await check(async () => 'Yes, by Article 6.'))
for (const answer of [
  async () => 'Sure, why not.',
  () => Promise.reject(Object.assign(new Error('down'), { status: 503 })),
]) {
  try {
    await check(answer)
  } catch (error) {
    console.log(PlimsollError.find(error)?.code ?? String(error)) // invalid-answer, then the provider's own error
  }
}
