import { parseArgs } from 'node:util'
import { UsageError } from '../usage-error.ts'
import { SIDES } from './sides/side.ts'
import type { SideName } from './sides/side.ts'

export interface DemoOptions {
  readonly seed: number
  readonly users: number
  readonly tenants: number
  readonly minuteMs: number
  /** How many minutes of work all of it is. */
  readonly load: number
  readonly json: boolean
  readonly sides: readonly SideName[]
  /** Whether what routing by task saves is shown. */
  readonly routing: boolean
  /** In place of all that: through faults, to see how every run ends. */
  readonly chaos: boolean
  readonly external: ExternalOptions | undefined
}

/** A provider that is there already. */
export interface ExternalOptions {
  readonly baseURL: string
  readonly apiKey: string
  readonly model: string
  readonly rpm: number | undefined
  readonly tpm: number | undefined
}

export const DEMO_HELP = `plimsoll demo [options]

Five hundred users arrive within a second, and each makes four model calls. The same work is done three ways, one
after the other: by the AI SDK alone, by a loop that retries after a fixed pause, and through Plimsoll. Then a
hundred of them run without limits, all to the frontier model and by task, to see what each costs.

  --seed N          of the workload and of the provider (1)
  --users N         how many arrive (500; 5 with --base-url)
  --tenants N       whom they belong to (10)
  --minute-ms N     how long the fake provider's minute takes (4000)
  --load N          minutes of work that all of it makes, by the provider's limits (8; 6 with --chaos)
  --only PART       baseline, naive, plimsoll or routing
  --chaos           instead: the same users over some minutes of 429 bursts, outages, answers that break or stall; says
                    how every run ended, and exits with 1 if any hung or was lost
  --json            one line of JSON last, everything else to stderr

Against any OpenAI-compatible endpoint, with the key in OPENAI_API_KEY. This costs money:
  --base-url URL    such as https://api.openai.com/v1
  --model ID        which model to call
  --rpm N --tpm N   its limits; learnt from its answers when left out
`

const EXTERNAL_ONLY = ['model', 'rpm', 'tpm'] as const
const LOCAL_ONLY = ['minute-ms', 'load', 'chaos'] as const
const USERS = 500
const LOAD = 8
/** Less than its faults last: it is they that are to hold up the runs. */
const CHAOS_LOAD = 6
/** Where each call is paid for. */
const USERS_WHERE_PAID = 5

/** @throws {UsageError} naming the flag and the mend */
export function readDemoOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions | 'help' {
  const flags = parse(args)
  if (flags.help === true) return 'help'
  const external = readExternal(flags, env)
  const users = count('users', flags.users) ?? (external === undefined ? USERS : USERS_WHERE_PAID)
  const chaos = flags.chaos === true
  if (chaos && flags.only !== undefined)
    throw new UsageError('--chaos is no part of the others; leave --only or --chaos out')
  const { sides, routing } = readParts(flags.only)
  if (external !== undefined && sides.length === 0)
    throw new UsageError('--only routing is of the fake provider; it cannot go with --base-url')
  return {
    seed: count('seed', flags.seed, 0) ?? 1,
    users,
    tenants: Math.min(users, count('tenants', flags.tenants) ?? 10),
    minuteMs: count('minute-ms', flags['minute-ms'], LEAST_MINUTE_MS) ?? 4_000,
    load: number('load', flags.load) ?? (chaos ? CHAOS_LOAD : LOAD),
    json: flags.json === true,
    sides,
    // Between one model of somebody else's there is nothing to choose.
    routing: routing && external === undefined,
    chaos,
    external,
  }
}

/** In a shorter one the time a request takes on the way would be what is measured. */
const LEAST_MINUTE_MS = 200

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: text,
        users: text,
        tenants: text,
        'minute-ms': text,
        load: text,
        only: text,
        chaos: { type: 'boolean' },
        json: { type: 'boolean' },
        'base-url': text,
        model: text,
        rpm: text,
        tpm: text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

type Flags = ReturnType<typeof parse>

const ROUTING = 'routing'

function readParts(only: string | undefined): Pick<DemoOptions, 'sides' | 'routing'> {
  if (only === undefined) return { sides: SIDES, routing: true }
  if (only === ROUTING) return { sides: [], routing: true }
  const side = SIDES.find((name) => name === only)
  if (side === undefined)
    throw new UsageError(`--only is '${only}'; use one of ${[...SIDES, ROUTING].join(', ')}`)
  return { sides: [side], routing: false }
}

function readExternal(flags: Flags, env: NodeJS.ProcessEnv): ExternalOptions | undefined {
  const baseURL = flags['base-url']
  if (baseURL === undefined) {
    for (const name of EXTERNAL_ONLY) {
      if (flags[name] !== undefined)
        throw new UsageError(`--${name} goes with --base-url; add it, or leave --${name} out`)
    }
    return undefined
  }
  for (const name of LOCAL_ONLY) {
    if (flags[name] !== undefined)
      throw new UsageError(`--${name} is of the fake provider; it cannot go with --base-url`)
  }
  if (!URL.canParse(baseURL))
    throw new UsageError(`--base-url is '${baseURL}'; use a URL such as https://api.openai.com/v1`)
  const { model } = flags
  if (model === undefined) throw new UsageError('--base-url needs a --model to call')
  const apiKey = env['OPENAI_API_KEY']
  if (apiKey === undefined || apiKey === '')
    throw new UsageError('--base-url needs the key in OPENAI_API_KEY; set it')
  return { baseURL, apiKey, model, rpm: number('rpm', flags.rpm), tpm: number('tpm', flags.tpm) }
}

function count(name: string, text: string | undefined, least = 1): number | undefined {
  const value = text === undefined ? undefined : Number(text)
  if (value === undefined || (text?.trim() !== '' && Number.isSafeInteger(value) && value >= least))
    return value
  throw new UsageError(`--${name} is '${text}'; use a whole number of at least ${least}`)
}

function number(name: string, text: string | undefined): number | undefined {
  const value = text === undefined ? undefined : Number(text)
  if (value === undefined || (Number.isFinite(value) && value > 0)) return value
  throw new UsageError(`--${name} is '${text}'; use a number above 0`)
}
