import type { Usage } from '../call/usage.ts'
import type { Profile, Unit } from '../providers/profile.ts'
import type { Bucket } from '../store/port.ts'
import { costNanoUsd } from '../tokens/price.ts'
import type { Price } from '../tokens/price.ts'

/** One limit or budget that applies to a call. */
export interface ChargeLine {
  /** Replaced when a header tells another capacity. */
  bucket: Bucket
  /** `usd` counts billionths of a dollar. */
  readonly unit: Unit | 'slots' | 'usd'
  /** A budget of ours, which counts what was used; a limit counts as its provider does. */
  readonly budget: boolean
}

/** Everything one attempt is charged to. The same object for all calls of a target that no budget applies to. */
export interface ChargePlan {
  readonly lines: readonly ChargeLine[]
  readonly buckets: readonly Bucket[]
  readonly keys: readonly string[]
  readonly slotKeys: readonly string[]
  /** How many, from the first, belong to the pool: only a lack of these may hold up others. */
  readonly claimable: number
}

export interface Charges {
  readonly plan: ChargePlan
  readonly amounts: readonly number[]
}

/** By what a target's calls are counted. */
export interface Rates {
  readonly profile: Profile
  /** Absent where nobody knows it: then money budgets count nothing, if they let the call in at all. */
  readonly price: Price | undefined
}

/** What is known of a call before it is made. */
export interface Estimate {
  /** What to reserve for the input, a margin for what is not known of its provider's counting included. */
  readonly inputTokens: number
  /** What the input probably comes to. @defaultValue `inputTokens` */
  readonly likelyInputTokens?: number
  /** What it may at most produce, where the request says so. */
  readonly maxOutputTokens: number | undefined
  /** What it will probably produce. */
  readonly outputTokens: number
}

export function chargePlan(pool: readonly ChargeLine[], own: readonly ChargeLine[]): ChargePlan {
  const lines = own.length === 0 ? pool : [...pool, ...own]
  return {
    lines,
    buckets: lines.map(({ bucket }) => bucket),
    keys: lines.map(({ bucket }) => bucket.key),
    slotKeys: lines.filter(({ unit }) => unit === 'slots').map(({ bucket }) => bucket.key),
    claimable: pool.length,
  }
}

/**
 * What to hold until the usage is known. `requests` of budgets is 0 once the call has been counted.
 *
 * A call that fits a bucket but for a margin of ours takes all of the bucket: it is never refused for what is only a guess.
 */
export function reserveAmounts(
  plan: ChargePlan,
  rates: Rates,
  estimate: Estimate,
  countRequest: boolean,
): number[] {
  // Whole tokens: fractions added and taken away would leave a rest that never goes.
  const input = Math.ceil(estimate.inputTokens)
  const output = Math.ceil(estimate.maxOutputTokens ?? estimate.outputTokens)
  const likelyInput = Math.ceil(estimate.likelyInputTokens ?? estimate.inputTokens)
  const leastOutput = Math.ceil(estimate.maxOutputTokens ?? 0)
  // A provider that counts output as it is generated does not mind what it might have been.
  const liveOutput = Math.min(output, Math.ceil(estimate.outputTokens))
  // Mapped, since an array that grows keeps room for more, in each of what may be a million waiters.
  return plan.lines.map((line) => {
    const { capacity, live } = line.bucket
    const amount = amountOf(line, rates, {
      input,
      output: live === true ? liveOutput : output,
      countRequest,
    })
    if (amount <= capacity) return amount
    const least = amountOf(line, rates, { input: likelyInput, output: leastOutput, countRequest })
    return least <= capacity ? Math.floor(capacity) : amount
  })
}

function amountOf(
  { unit, budget }: ChargeLine,
  { profile, price }: Rates,
  { input, output, countRequest }: { input: number; output: number; countRequest: boolean },
): number {
  if (unit === 'slots') return 1
  if (unit === 'requests') return budget && !countRequest ? 0 : 1
  if (unit === 'input') return input
  if (unit === 'output') return output
  if (unit === 'usd') return nanoUsd(price, { inputTokens: input, outputTokens: output })
  return !budget && profile.charging === 'max' ? Math.max(input, output) : input + output
}

/** What the reservation comes to, now that the usage is known. What is not known stays as it was reserved. */
export function settleAmounts(
  plan: ChargePlan,
  { profile, price }: Rates,
  {
    reserved,
    usage,
    maxOutputTokens,
  }: { reserved: readonly number[]; usage: Usage; maxOutputTokens: number | undefined },
): number[] {
  const inputTokens = usage.inputTokens === undefined ? undefined : Math.ceil(usage.inputTokens)
  const outputTokens = Math.ceil(usage.outputTokens ?? 0)
  return plan.lines.map(({ unit, budget }, index) => {
    const held = reserved[index]!
    if (unit === 'slots' || unit === 'requests' || inputTokens === undefined) return held
    if (unit === 'usd') return nanoUsd(price, usage)
    const limited = budget
      ? inputTokens
      : inputTokens - (profile.cacheReadsFree ? (usage.cacheReadTokens ?? 0) : 0)
    if (unit === 'input') return Math.max(0, limited)
    if (unit === 'output') return outputTokens
    // A provider that keeps what it reserved has charged the whole `max_tokens`, however short the answer was.
    const kept = Math.max(outputTokens, maxOutputTokens ?? 0)
    if (budget || profile.charging === 'actual') return Math.max(0, limited) + outputTokens
    return profile.charging === 'max' ? Math.max(inputTokens, kept) : inputTokens + kept
  })
}

/**
 * What an attempt comes to that the provider turned away with an error. Its limits keep what may have been counted,
 * except the tokens of a rate-limited call, which a provider that refused it did not take; budgets pay for nothing.
 */
export function failedAmounts(plan: ChargePlan, reserved: readonly number[], rateLimited: boolean): number[] {
  return plan.lines.map(({ unit, budget }, index) => {
    if (unit === 'slots' || unit === 'requests') return reserved[index]!
    return budget || rateLimited ? 0 : reserved[index]!
  })
}

function nanoUsd(price: Price | undefined, usage: Usage): number {
  return (price && costNanoUsd(price, usage)) ?? 0
}
