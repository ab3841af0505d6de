import { costOf } from '../cost.ts'
import { quantile } from '../tally.ts'
import { ROUTED_MODELS, FRONTIER } from './tables.ts'
import type { Way, WayResult } from './compare.ts'

export interface WayReport {
  readonly runsTotal: number
  readonly runsCompleted: number
  /** Requests that reached the provider, escalations included. */
  readonly calls: number
  readonly callsByModel: Readonly<Record<string, number>>
  /** All that the server counted at public prices, over the runs that were completed; null without a price, or a run. */
  readonly costPerRunUsd: number | null
  readonly inputTokens: number
  readonly outputTokens: number
  /** Of interactive calls. One that is validated is held back until it is whole. */
  readonly firstTokenP50Ms: number | null
}

/** What is said of routing, in `--json` too. */
export interface RoutingReport {
  readonly frontier: WayReport
  readonly routed: WayReport
  /** Of the cost of a run, all frontier; null where either is not known. */
  readonly savedShare: number | null
  /** Answers of small models that were wrong, by the server's count. */
  readonly wrongAnswers: number
  /** Answers that did not pass, and were asked of the frontier model again. */
  readonly escalations: number
  /** Of the calls that a small model was asked first. */
  readonly escalatedShare: number
  /** The share of wrong answers at which it would cost as much as all frontier. */
  readonly breakEvenShare: number | null
}

export function routingReport({ frontier, routed }: Readonly<Record<Way, WayResult>>): RoutingReport {
  const [all, some] = [wayReport(frontier), wayReport(routed)]
  const [dear, cheap] = [all.costPerRunUsd, some.costPerRunUsd]
  const asked = smallCalls(some)
  const smallCost = costOf({ ...routed, stats: { ...routed.stats, models: withoutFrontier(routed) } })
  const allCost = costOf(frontier)
  return {
    frontier: all,
    routed: some,
    savedShare: dear === null || cheap === null ? null : 1 - cheap / dear,
    wrongAnswers: routed.stats.total.faults['wrong-answer'] ?? 0,
    escalations: routed.escalations,
    escalatedShare: asked === 0 ? 0 : routed.escalations / asked,
    // Whatever is wrong is paid twice: once small, once as it would have been anyway.
    breakEvenShare: smallCost === null || allCost === null || allCost === 0 ? null : 1 - smallCost / allCost,
  }
}

function wayReport({ tally, stats }: WayResult): WayReport {
  const cost = costOf({ tally, stats })
  const { runsTotal, runsCompleted } = tally
  return {
    runsTotal,
    runsCompleted,
    calls: stats.total.received,
    callsByModel: Object.fromEntries(ROUTED_MODELS.map((id) => [id, stats.models[id]?.received ?? 0])),
    costPerRunUsd: cost === null || runsCompleted === 0 ? null : cost / runsCompleted,
    inputTokens: stats.total.promptTokens,
    outputTokens: stats.total.completionTokens,
    firstTokenP50Ms: quantile(tally.firstTokenMs, 0.5),
  }
}

function smallCalls({ callsByModel }: WayReport): number {
  return Object.entries(callsByModel).reduce((sum, [id, calls]) => (id === FRONTIER ? sum : sum + calls), 0)
}

function withoutFrontier({ stats }: WayResult): WayResult['stats']['models'] {
  return Object.fromEntries(Object.entries(stats.models).filter(([id]) => id !== FRONTIER))
}
