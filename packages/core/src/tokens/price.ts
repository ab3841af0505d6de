import type { Usage } from '../call/usage.ts'

/** What one model costs, in USD per million tokens. */
export interface Price {
  readonly input: number
  readonly output: number
  /** Input that the provider read from its prompt cache. @defaultValue `input` */
  readonly cacheRead?: number
  /** Input that it wrote to its cache, to be kept for minutes. @defaultValue `input` */
  readonly cacheWrite5m?: number
  /** The same, to be kept for an hour. @defaultValue `cacheWrite5m` */
  readonly cacheWrite1h?: number
  /** What a request costs beside its tokens, in USD each: models that search ask for it. @defaultValue 0 */
  readonly perRequest?: number
  /** Of a call with more input than `above` tokens all of it costs this; what is left out costs what it did. */
  readonly tiers?: readonly PriceTier[]
  /**
   * By service tier as the answer names it: the whole times this. @defaultValue 1 for the usual one; of any other the
   * cost is not known
   */
  readonly multipliers?: Readonly<Record<string, number>>
}

export interface PriceTier extends Partial<Omit<Price, 'perRequest' | 'tiers' | 'multipliers'>> {
  readonly above: number
}

/** A price, and whose it is: a source may know a model under another id than the one it was asked for. */
export interface PriceMatch {
  readonly id: string
  readonly price: Price
}

/** Whose price is asked for. */
export interface PricedTarget {
  /** The target's id in the configuration. */
  readonly id: string
  /** Our id of the provider. */
  readonly provider: string
  /** The provider's id of the model. */
  readonly model: string
}

/** Knows prices. `undefined` for what it does not know: never a price of 0. */
export type Prices = (target: PricedTarget) => PriceMatch | undefined

/** A table by target id, or by the model's id alone. */
export type PriceTable = Readonly<Record<string, Price>>

/** Money is counted in whole billionths of a dollar: the least that any call costs is many of them. */
export const NANO_PER_USD = 1e9
/** A dollar per million tokens is a thousand billionths for one. */
const NANO_PER_RATE = 1_000
/** Sums of decimal fractions are off by far less than this. */
const ROUNDING = 1e-3

/**
 * What a call cost, in billionths of a dollar, rounded up. `undefined` where its input is not known, or what its service
 * tier costs.
 *
 * Source: the canonical usage has cache reads and writes within the input, so each token is counted once.
 */
export function costNanoUsd(price: Price, usage: Usage): number | undefined {
  const { inputTokens, outputTokens = 0, serviceTier } = usage
  if (inputTokens === undefined) return undefined
  const rates = ratesFor(price, inputTokens)
  // A provider that reports more cached than there was would otherwise be paid less than nothing.
  const read = Math.min(usage.cacheReadTokens ?? 0, inputTokens)
  const written = Math.min(usage.cacheWriteTokens ?? 0, inputTokens - read)
  const written1h = Math.min(usage.cacheWrite1hTokens ?? 0, written)
  const write5m = rates.cacheWrite5m ?? rates.input
  const perMillion =
    (inputTokens - read - written) * rates.input +
    read * (rates.cacheRead ?? rates.input) +
    (written - written1h) * write5m +
    written1h * (rates.cacheWrite1h ?? write5m) +
    outputTokens * rates.output
  const nano = perMillion * NANO_PER_RATE + (price.perRequest ?? 0) * NANO_PER_USD
  const multiplier = serviceTier === undefined ? 1 : multiplierOf(price, serviceTier)
  return multiplier === undefined ? undefined : Math.max(0, Math.ceil(nano * multiplier - ROUNDING))
}

/** The same in USD. */
export function costUsd(price: Price, usage: Usage): number | undefined {
  const nano = costNanoUsd(price, usage)
  return nano === undefined ? undefined : nano / NANO_PER_USD
}

function ratesFor(price: Price, inputTokens: number): Price {
  let rates = price
  let above = -1
  for (const tier of price.tiers ?? []) {
    if (inputTokens <= tier.above || tier.above <= above) continue
    above = tier.above
    rates = { ...price, ...tier }
  }
  return rates
}

/** What providers call the tier that their list prices are for: OpenAI, Anthropic, Groq, Bedrock. */
const USUAL = new Set(['default', 'standard', 'auto', 'on_demand'])

function multiplierOf({ multipliers }: Price, serviceTier: string): number | undefined {
  if (multipliers !== undefined && Object.hasOwn(multipliers, serviceTier)) return multipliers[serviceTier]
  return USUAL.has(serviceTier) ? 1 : undefined
}

/** A plain table as a source of prices. */
export function tablePrices(table: PriceTable): Prices {
  return ({ id, model }) => {
    const key = Object.hasOwn(table, id) ? id : model
    return Object.hasOwn(table, key) ? { id: key, price: table[key]! } : undefined
  }
}
