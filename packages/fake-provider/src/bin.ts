#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { FakeProviderOptions, ModelOptions } from './options.ts'
import { startFakeProvider } from './server.ts'

const USAGE = `plimsoll-fake-provider [options]
  --port N              0 for any free one (default)
  --seed N              of everything drawn (1)
  --minute-ms N         length of a minute (60000)
  --day-ms N            length of a day (1440 minutes)
  --config FILE         options as JSON; the flags go before them
Of every model that the config does not name:
  --rpm N --tpm N --itpm N --otpm N --rpd N --tpd N --concurrency N
  --algorithm token-bucket|fixed-window|sliding-window
  --charge sum|max|actual
  --ttft-ms N --tokens-per-second N`

const MODEL_NUMBERS = {
  rpm: 'rpm',
  tpm: 'tpm',
  itpm: 'itpm',
  otpm: 'otpm',
  rpd: 'rpd',
  tpd: 'tpd',
  concurrency: 'concurrency',
  'ttft-ms': 'ttftMs',
  'tokens-per-second': 'tokensPerSecond',
} as const

function readOptions(): FakeProviderOptions | undefined {
  const names = [
    'port',
    'seed',
    'minute-ms',
    'day-ms',
    'config',
    'algorithm',
    'charge',
    ...Object.keys(MODEL_NUMBERS),
  ]
  const strings: Record<string, { type: 'string' }> = {}
  for (const name of names) strings[name] = { type: 'string' }
  const { values: parsed } = parseArgs({ options: { ...strings, help: { type: 'boolean' } } })
  const values: Record<string, unknown> = parsed
  if (values['help'] === true) return undefined
  const flag = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const config = flag('config')
  const options =
    config === undefined ? {} : (JSON.parse(readFileSync(config, 'utf8')) as FakeProviderOptions)
  const model: Record<string, unknown> = { ...options.models?.['*'] }
  for (const [name, field] of Object.entries(MODEL_NUMBERS)) if (flag(name)) model[field] = Number(flag(name))
  for (const field of ['algorithm', 'charge']) if (flag(field)) model[field] = flag(field)
  if (Object.keys(model).length > 0 || !options.models) {
    options.models = { ...options.models, '*': model as ModelOptions }
  }
  if (flag('port')) options.port = Number(flag('port'))
  if (flag('seed')) options.seed = Number(flag('seed'))
  if (flag('minute-ms')) options.minuteMs = Number(flag('minute-ms'))
  if (flag('day-ms')) options.dayMs = Number(flag('day-ms'))
  return options
}

async function run(): Promise<void> {
  const options = readOptions()
  if (!options) {
    console.log(USAGE)
    return
  }
  const provider = await startFakeProvider(options)
  const ready = { url: provider.url }
  console.log(JSON.stringify(ready))
  process.send?.(ready)
  const stop = async (): Promise<void> => {
    await provider.close()
    if (process.connected) process.disconnect()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.once('disconnect', stop)
}

try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  console.error(USAGE)
  process.exitCode = 1
}
