import { calcPrice, findProvider } from '@pydantic/genai-prices'
import type { MatchLogic, ModelInfo, ModelPrice, Provider } from '@pydantic/genai-prices'
import { PlimsollError } from '../call/errors.ts'
import { sellerOf, spellings, undated } from './genai-prices-names.ts'
import { toPrice } from './genai-prices-rates.ts'
import { tablePrices } from './price.ts'
import type { Price, PriceMatch, Prices, PriceTable } from './price.ts'
import { checkPriceTable } from './price-table.ts'

export type { Price, PriceMatch, Prices, PriceTable, PriceTier } from './price.ts'

export interface GenaiPricesOptions {
  /** Prices of your own, by target id or model id. They win, and fill in what the package does not list. */
  readonly overrides?: PriceTable
  /** Prices as they were then. @defaultValue when each is asked for */
  readonly at?: Date
}

/**
 * What calls cost, from the list that `@pydantic/genai-prices` keeps: install it beside `@plimsoll/core`.
 *
 * A model is known by its own id, or by that and a date (`gpt-5-2025-08-07`); a name that only resembles another is
 * unknown, and never taken for an older model. `PriceMatch.id` says whose price it is, as `openai/gpt-5`.
 *
 * **Gotcha**: tokens are priced as text. What providers charge for audio, images and searches is not in it.
 *
 * @throws {PlimsollError} `invalid-config` for overrides that are no prices, and a date that is none
 */
export function genaiPrices({ overrides = {}, at }: GenaiPricesOptions = {}): Prices {
  const own = tablePrices(checkPriceTable(overrides, 'overrides'))
  if (at !== undefined && Number.isNaN(at.getTime())) {
    throw new PlimsollError({ code: 'invalid-config', message: '`at` is not a date; use a valid one.' })
  }
  return (target) => own(target) ?? listed(target.provider, target.model, at)
}

function listed(provider: string, model: string, at: Date | undefined): PriceMatch | undefined {
  const seller = providerOf(sellerOf(provider))
  if (seller === undefined) return undefined
  // Azure and Vertex sell other houses' models at those houses' prices, and the list says so.
  const sellers = [seller, ...(seller.fallback_model_providers ?? []).map(providerOf)]
  for (const one of sellers) {
    const found = one && find(one, spellings(model, one.id))
    const price = found && priceOf(one, found, at)
    if (price !== undefined) return { id: `${one!.id}/${found!.id}`, price }
  }
  return undefined
}

/** The package also finds by likeness (`my-openai-proxy`): whoever that is, it is not them. */
function providerOf(id: string): Provider | undefined {
  const found = findProvider({ providerId: id })
  return found?.id === id ? found : undefined
}

interface Names {
  readonly exact: ReadonlyMap<string, ModelInfo>
  /** Less dates. `undefined` where that would be two models. */
  readonly undated: ReadonlyMap<string, ModelInfo | undefined>
}

/** By the provider's object, which is another once the package has loaded newer prices. */
const names = new WeakMap<Provider, Names>()

function find(seller: Provider, spelled: readonly string[]): ModelInfo | undefined {
  let known = names.get(seller)
  if (known === undefined) names.set(seller, (known = namesOf(seller)))
  const { exact, undated: less } = known
  for (const name of spelled) {
    const short = undated(name, seller.id)
    const found = exact.get(name) ?? exact.get(short) ?? less.get(short)
    if (found !== undefined) return found
  }
  return undefined
}

function namesOf({ id, models }: Provider): Names {
  const exact = new Map<string, ModelInfo>()
  const less = new Map<string, ModelInfo | undefined>()
  const all = [
    ...models.map((model) => [model.id, model] as const),
    ...models.flatMap((model) => equals(model.match).map((name) => [name, model] as const)),
  ]
  for (const [name, model] of all) {
    const lower = name.toLowerCase()
    if (!exact.has(lower)) exact.set(lower, model)
    const short = undated(name, id)
    less.set(short, less.has(short) && less.get(short) !== model ? undefined : model)
  }
  return { exact, undated: less }
}

/** Other names that the list gives for exactly this model; its patterns are what takes one model for another. */
function equals(match: MatchLogic): string[] {
  if ('or' in match) return match.or.flatMap(equals)
  return 'equals' in match ? [match.equals] : []
}

/** By the listed prices' object, so there are never more than the list has. */
const prices = new WeakMap<ModelPrice, Price>()

function priceOf(seller: Provider, model: ModelInfo, at: Date | undefined): Price | undefined {
  const current = Array.isArray(model.prices) ? asOf(seller, model, at) : model.prices
  if (current === undefined) return undefined
  let price = prices.get(current)
  if (price !== undefined) return price
  price = toPrice(current, model.id)
  if (price === undefined) return undefined
  const multipliers = MULTIPLIERS.get(seller.id)
  if (multipliers !== undefined) price = { ...price, multipliers }
  prices.set(current, price)
  return price
}

/** Prices that change by date or time of day, as the package picks among them; its own clock where `at` is not given. */
function asOf(seller: Provider, model: ModelInfo, at: Date | undefined): ModelPrice | undefined {
  const only = { ...seller, models: [{ ...model, match: { equals: model.id } }] }
  return calcPrice({}, model.id, { provider: only, ...(at === undefined ? {} : { timestamp: at }) })
    ?.model_price
}

/**
 * Source: OpenAI's flex processing guide ("tokens are priced at Batch API rates", half), Anthropic's batch processing
 * guide (half), Gemini's optimization guide (flex and batch 50 % off), Groq's
 * service tiers (flex costs what on-demand does). Priority costs more, and not the same for each.
 */
const MULTIPLIERS: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map([
  ['openai', { batch: 0.5, flex: 0.5 }],
  ['anthropic', { batch: 0.5 }],
  ['google', { batch: 0.5, flex: 0.5 }],
  ['groq', { flex: 1 }],
])
