// What is built, run as its users run it: without the condition by which the workspace reads sources.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'

let before = performance.now()
const took = (what: string) => {
  const now = performance.now()
  process.stdout.write(`${what}: ${(now - before).toFixed(1)} ms\n`)
  before = performance.now()
}

const { createPlimsoll } = (await import('../packages/core/dist/index.js')) as typeof import('@plimsoll/core')
took('to import it')
const plimsoll = createPlimsoll({ targets: { 'openai/gpt-5': { limits: { tpm: 1_000_000 } } } })
took('to create one')
const usage = { prompt_tokens: 1_000, completion_tokens: 10 }
await plimsoll.call({ target: 'openai/gpt-5', inputTokens: 1_000, maxOutputTokens: 10 }, async () => ({
  usage,
}))
took('its first call')

const { countTokens } =
  (await import('../packages/core/dist/tokens/tiktoken.js')) as typeof import('@plimsoll/core/tiktoken')

/** What each thread has to say first. Where one cannot be started, estimates go on without: nothing else would tell. */
const said: Promise<unknown>[] = []
process.on('worker', (worker: Worker) => said.push(once(worker, 'message')))

assert.equal(await countTokens('tiktoken is great!', { model: 'gpt-5' }), 6)

const input = 'An estimate, '.repeat(10_000)
await plimsoll.call({ target: 'openai/gpt-5', input, maxOutputTokens: 10 }, async () => ({ usage }))
await plimsoll.drain()
while (said.length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
await Promise.all(said)
process.stdout.write('What is built works: calls, estimates, exact counts.\n')
process.exit()
