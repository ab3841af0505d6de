import type { TargetConfig } from '@plimsoll/core'
import type { ModelOptions } from '@plimsoll/fake-provider'
import type { Question, ToolkitName, ToolkitTask } from './toolkit.ts'

/** Of each toolkit the ways in which it calls, and in which it is left. */
export const WAYS: readonly (readonly [ToolkitName, string])[] = [
  ['langchain', 'the wrapper, a signal'],
  ['langchain', 'the handler, a signal'],
  ['langchain', 'the wrapper, a reader that stops'],
  ['effect', 'an effect'],
  ['effect', 'a stream'],
  ['effect', 'a reservation'],
  ['ai-sdk', 'the middleware'],
]
/** LangChain does not tell a handler that nobody reads on. */
export const UNTOLD = 'the handler, a reader that stops'
/** Those that differ in how they ask for a whole answer. */
export const ASKING = WAYS.filter(([, way]) => !/stops|stream|reservation/.test(way))

/** A tight minute, scaled. */
export const LIMIT = { unit: 'tokens', amount: 4_000, perMs: 600, algorithm: 'token-bucket' } as const
export const SLOTS = 4
/** More requests a day than anybody makes: it only counts them. */
export const RPD = 10_000
const COUNTED = { unit: 'requests', amount: RPD, perMs: 86_400_000, algorithm: 'sliding-window' } as const
export const PRICE = { input: 10, output: 100 } as const
export const BUDGET_USD = 0.5

/** What of a model there is one for each way. */
export const modelOf = (what: 'raced' | 'held' | 'left', way: string) =>
  `${what}-${way.replaceAll(/\W+/g, '-')}`

const ofEachWay = <T>(entriesOf: (way: string) => [string, T][]): Record<string, T> =>
  Object.fromEntries([...WAYS.map(([, way]) => way), UNTOLD].flatMap(entriesOf))

export const CONFIG: ToolkitTask['config'] = {
  targets: ofEachWay<TargetConfig>((way) => [
    [`openai/${modelOf('raced', way)}`, { limits: [LIMIT, COUNTED] }],
    [`openai/${modelOf('held', way)}`, { limits: { concurrency: 1 } }],
    [`openai/${modelOf('left', way)}`, { limits: { concurrency: SLOTS, rpd: RPD } }],
  ]),
  prices: { 'openai/paid': PRICE },
  budgets: [{ per: 'tenant', usd: BUDGET_USD, every: 'month', when: { feature: 'paid' } }],
  leaseMs: 2_000,
}

const QUICK = { ttftMs: 1, ttftSigma: 0, tokensPerSecond: 100_000, tokenBias: 0.85 }

export const MODELS: Readonly<Record<string, ModelOptions>> = {
  '*': QUICK,
  ...ofEachWay<ModelOptions>((way) => [
    [modelOf('raced', way), { ...QUICK, limits: [LIMIT] }],
    [modelOf('held', way), { ...QUICK, tokensPerSecond: 50 }],
    [modelOf('left', way), { ...QUICK, tokensPerSecond: 2_000 }],
  ]),
}

/** A short answer, of which less is used than is reserved. */
export const question = (model: string, rest: Partial<Question> = {}): Question => ({
  model,
  text: 'Say some words. [[tokens=60]]',
  maxTokens: 100,
  attributes: { tenant: 'acme' },
  ...rest,
})

/** An answer that does not end while it is looked at. */
export const endless = (model: string): Question =>
  question(model, { text: 'Say all that you know. [[tokens=10000]]', maxTokens: 12_000 })
