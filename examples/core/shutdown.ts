import { createPlimsoll } from '@plimsoll/core'

const plimsoll = createPlimsoll({ targets: { 'openai/gpt-5-mini': { limits: { concurrency: 1 } } } })
const answers = ['one', 'two'].map((answer) =>
  plimsoll.call({ target: 'openai/gpt-5-mini', input: 'Hello' }, async () => answer),
)

// More room, without a restart: whoever waits is judged anew.
plimsoll.update({ targets: { 'openai/gpt-5-mini': { limits: { concurrency: 10 } } } })

// As on SIGTERM: what has begun may end.
console.log(await plimsoll.drain({ timeoutMs: 10_000 }), await Promise.all(answers))
