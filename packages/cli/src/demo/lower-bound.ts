/**
 * How fast anybody could have been: worked out from what a server counted and how it was configured, and from nothing
 * of ours, so that it can judge us.
 */

/** One limit, as the server reports it. */
export interface ServedLimit {
  readonly unit: string
  readonly amount: number
  readonly perMs: number
  readonly algorithm: 'token-bucket' | 'fixed-window' | 'sliding-window'
  /** What a token bucket holds when it is full. */
  readonly burst: number
  readonly charged: number
  readonly refunded: number
  readonly foreign: number
}

export interface ServedModel {
  /** The model whose limits these are: several may share them. */
  readonly limitsOf: string
  readonly limits: readonly ServedLimit[]
  /** How many requests may be in flight at once; null for any number. */
  readonly concurrency: number | null
  /** Requests in flight, integrated over time. */
  readonly slotMs: number
}

export interface Served {
  readonly models: Readonly<Record<string, ServedModel>>
}

export interface LowerBound {
  readonly ms: number
  /** The limit that takes longest, such as `gpt-4.1 tokens`. */
  readonly by: string
  /** How many times its amount was charged: where capacity comes back in steps, a few say little. */
  readonly windows: number
}

/**
 * From the first admission to the last completion, at the least: the slowest limit, and then the shortest chain.
 *
 * @param chainMs what the shortest run takes when nothing holds it up
 */
export function lowerBound(served: Served, chainMs: number): LowerBound {
  let slowest: LowerBound = { ms: 0, by: 'none', windows: 0 }
  const shared = Object.groupBy(Object.entries(served.models), ([, model]) => model.limitsOf)
  for (const [name, group = []] of Object.entries(shared)) {
    const models = group.map(([, model]) => model)
    for (const bound of boundsOf(name, models)) {
      if (bound.ms > slowest.ms || (bound.ms === slowest.ms && bound.windows > slowest.windows))
        slowest = bound
    }
  }
  return { ...slowest, ms: slowest.ms + chainMs }
}

function boundsOf(name: string, models: readonly ServedModel[]): LowerBound[] {
  const [first] = models
  if (first === undefined) return []
  const bounds = first.limits.map((limit) => {
    const work = limit.charged + limit.foreign - limit.refunded
    return { ms: limitMs(limit, work), by: `${name} ${limit.unit}`, windows: work / limit.amount }
  })
  if (first.concurrency !== null) {
    const busyMs = models.reduce((sum, { slotMs }) => sum + slotMs, 0)
    bounds.push({ ms: busyMs / first.concurrency, by: `${name} slots`, windows: 0 })
  }
  return bounds
}

function limitMs({ algorithm, amount, perMs, burst }: ServedLimit, work: number): number {
  if (work <= 0) return 0
  if (algorithm === 'token-bucket') return Math.max(0, ((work - burst) / amount) * perMs)
  // Of fixed windows this is what it takes from the start of one. Whoever comes when one is nearly over may be faster by
  // most of a period, if what has come by then fills it.
  return (Math.ceil(work / amount) - 1) * perMs
}

/** How a provider answers when nothing holds it up. */
export interface Service {
  readonly ttftMs: number
  readonly tokensPerSecond: number
}

/** The least that any run takes when nothing holds it up: its answers one after the other. */
export function shortestChainMs(
  runs: readonly (readonly number[])[],
  { ttftMs, tokensPerSecond }: Service,
): number {
  const chains = runs.map((answers) =>
    answers.reduce((sum, tokens) => sum + ttftMs + (tokens / tokensPerSecond) * 1_000, 0),
  )
  return chains.length === 0 ? 0 : Math.min(...chains)
}
