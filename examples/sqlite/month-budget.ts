import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPlimsoll, PlimsollError } from '@plimsoll/core'
import { fileStore } from '@plimsoll/sqlite'

const folder = await mkdtemp(join(tmpdir(), 'plimsoll-'))
const path = join(folder, 'limits.db')

// Each time stands for a process: it is started, calls until the month's budget is spent, and ends.
for (const life of ['one', 'another']) {
  const store = await fileStore({ path })
  const plimsoll = createPlimsoll({
    store,
    targets: { 'openai/gpt-5-mini': { limits: { rpm: 5_000 } } },
    budgets: [{ per: 'tenant', tokens: 1_000, every: 'month' }],
  })
  const ask = () =>
    plimsoll.call(
      { target: 'openai/gpt-5-mini', inputTokens: 300, maxOutputTokens: 100, tenant: 'acme' },
      async () => ({ usage: { prompt_tokens: 300, completion_tokens: 100 } }),
    )
  let calls = 0
  try {
    for (;;) {
      await ask()
      calls++
    }
  } catch (error) {
    console.log(`${life}: ${calls} calls, then ${PlimsollError.find(error)?.code}`)
  }
  await plimsoll.drain()
  await store.close()
}
await rm(folder, { recursive: true })
