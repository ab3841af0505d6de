import { createPlimsoll } from '@plimsoll/core'

const plimsoll = createPlimsoll({ targets: { 'vllm/llama': { limits: { rpm: 600, concurrency: 4 } } } })

const answer = await plimsoll.call(
  { target: 'vllm/llama', input: 'Say hello.', tenant: 'acme' },
  async ({ signal }) => {
    const response = await fetch(`${process.env['OPENAI_BASE_URL']}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'llama', messages: [{ role: 'user', content: 'Say hello.' }] }),
      signal,
    })
    return (await response.json()) as { choices: { message: { content: string } }[] }
  },
)
console.log(answer.choices[0]?.message.content)
