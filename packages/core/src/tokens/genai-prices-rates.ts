import type { Price, PriceTier } from './price.ts'

/** As genai-prices has it: by unit, and above so much input another rate for the whole call. */
export type ListedPrice = Readonly<Record<string, number | Tiered | undefined>>

interface Tiered {
  readonly base: number
  readonly tiers: readonly { readonly start: number; readonly price: number }[]
}

const RATES = [
  ['input', 'input_mtok'],
  ['output', 'output_mtok'],
  ['cacheRead', 'cache_read_mtok'],
  ['cacheWrite5m', 'cache_write_mtok'],
  ['cacheWrite1h', 'cache_write_1h_mtok'],
] as const

/** Parts of the output that cost otherwise and that no usage tells apart. */
const UNSEEN = ['output_reasoning_mtok', 'output_citation_mtok'] as const

const PER_REQUEST = 'requests_kcount'

/** `undefined` for what is not sold by tokens; free is only what is called so, not what has no price. */
export function toPrice(listed: ListedPrice, id: string): Price | undefined {
  if (UNSEEN.some((key) => listed[key] !== undefined)) return undefined
  const { input, output = 0, ...rest } = rates(listed, 0)
  if (input === undefined) return id.endsWith(':free') ? { input: 0, output: 0 } : undefined
  const perRequest = listed[PER_REQUEST]
  const tiers = starts(listed).map((above): PriceTier => ({ above, ...rates(listed, above + 1) }))
  return {
    input,
    output,
    ...rest,
    ...(typeof perRequest === 'number' ? { perRequest: perRequest / 1_000 } : {}),
    ...(tiers.length === 0 ? {} : { tiers }),
  }
}

/** What each token costs in a call with this much input. */
function rates(listed: ListedPrice, inputTokens: number): Partial<Price> {
  const found: [string, number][] = []
  for (const [name, key] of RATES) {
    const rate = listed[key]
    if (typeof rate === 'number') found.push([name, rate])
    else if (rate !== undefined) {
      const reached = rate.tiers.filter(({ start }) => inputTokens > start)
      found.push([name, reached.toSorted((a, b) => b.start - a.start)[0]?.price ?? rate.base])
    }
  }
  return Object.fromEntries(found)
}

function starts(listed: ListedPrice): number[] {
  const all = RATES.flatMap(([, key]) => {
    const rate = listed[key]
    return typeof rate === 'object' ? rate.tiers.map(({ start }) => start) : []
  })
  return [...new Set(all)].toSorted((a, b) => a - b)
}
