// Runs an example offline: the clients find the fake provider where they look for the real one.
import { startFakeProvider } from '@plimsoll/fake-provider'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Name an example: `pnpm example ai-sdk/first-call.ts`.')
await using provider = await startFakeProvider({ models: { '*': { rpm: 5_000, tpm: 2_000_000 } } })
process.env['OPENAI_BASE_URL'] = `${provider.url}/v1`
process.env['OPENAI_API_KEY'] = 'none'
process.env['ANTHROPIC_BASE_URL'] = provider.url
process.env['ANTHROPIC_API_KEY'] = 'none'
await import(new URL(file, import.meta.url).href)
