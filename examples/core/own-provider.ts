import { createPlimsoll } from '@plimsoll/core'

const plimsoll = createPlimsoll({
  providers: [
    {
      id: 'my-vllm',
      // So many calls at once are what it bears, and so many requests a second are what its gateway lets through.
      charging: 'slot',
      headers: [{ unit: 'requests', perMs: 1_000, limit: 'x-limit', remaining: 'x-left' }],
      errors: [{ when: { status: 503, message: 'loading' }, class: 'overloaded' }],
    },
  ],
  targets: { 'my-vllm/llama': { limits: { concurrency: 4, rpm: 600 } } },
})

const answer = await plimsoll.call({ target: 'my-vllm/llama', input: 'Say hello.' }, async ({ signal }) => {
  const response = await fetch(`${process.env['OPENAI_BASE_URL']}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'llama', messages: [{ role: 'user', content: 'Say hello.' }] }),
    signal,
  })
  return (await response.json()) as { choices: { message: { content: string } }[] }
})
console.log(answer.choices[0]?.message.content)
console.log(await plimsoll.headroom('my-vllm/llama'))
