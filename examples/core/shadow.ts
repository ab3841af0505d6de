import { createPlimsoll } from '@plimsoll/core'

// How would the cheaper one do? It is asked the same as the one that answers, when that has, and its answer goes to nobody.
const plimsoll = createPlimsoll({
  tasks: {
    label: {
      targets: ['openai/gpt-5'],
      shadow: { target: 'openai/gpt-5-nano', share: 1 },
      validate: (label) => label === 'spam' || label === 'ham',
    },
  },
  onEvent: (event) => {
    if (event.type === 'call.finished')
      console.log(event.target, event.reason ?? event.outcome, event.shadowOf !== undefined)
  },
})
const label = await plimsoll.call(
  { task: 'label', input: 'You have won!', maxOutputTokens: 5 },
  async ({ target }) => (target === 'openai/gpt-5' ? 'spam' : 'It looks like spam.'),
)
console.log(label)
await plimsoll.drain()
const { rows } = plimsoll.report({ by: 'target' })
console.log(rows.map(({ key, requests, outcomes }) => [key.target, requests, outcomes]))
