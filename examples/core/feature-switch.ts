import { createPlimsoll } from '@plimsoll/core'

const plimsoll = createPlimsoll({
  features: { suggestions: { enabled: true } },
  // The page can do with none.
  tasks: { suggest: { targets: ['openai/gpt-5-nano'], degrade: [{ message: 'none', object: [] }] } },
})
const suggest = () =>
  plimsoll.call({ task: 'suggest', feature: 'suggestions', input: 'ships' }, async () => ['boats', 'rafts'])

console.log(await suggest())
// On a day when capacity is short what can be done without is switched off, and calls nothing from now on.
plimsoll.update({ features: { suggestions: { enabled: false } } })
console.log(await suggest())
