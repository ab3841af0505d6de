import { createPlimsoll } from '@plimsoll/core'

// There is no room for a long answer: a short one is better than none.
const plimsoll = createPlimsoll({
  targets: { 'openai/gpt-5': { limits: [{ unit: 'tokens', amount: 1_000, perMs: 60_000 }] } },
  tasks: { explain: { targets: ['openai/gpt-5'], degrade: [{ maxOutputTokens: 200 }] } },
  onEvent: (event) => {
    if (event.type === 'call.finished') console.log(event.degraded)
  },
})
const answer = await plimsoll.call(
  { task: 'explain', inputTokens: 300, maxOutputTokens: 2_000 },
  async ({ maxOutputTokens }) => `An answer of at most ${maxOutputTokens} tokens`,
)
console.log(answer)
