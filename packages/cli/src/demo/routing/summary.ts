import { dollars, duration, percent, styled, table, whole } from '../table.ts'
import { FRONTIER, ROUTED_MODELS, WRONG_SHARE } from './tables.ts'
import type { RoutingReport, WayReport } from './report.ts'

/** What the same runs cost by either table, side by side. */
export function routingSummary(report: RoutingReport, color: boolean): string {
  const { frontier, routed } = report
  const row = (name: string, cell: (way: WayReport) => string): string[] => [
    name,
    cell(frontier),
    cell(routed),
  ]
  const rows = [
    row('runs completed', ({ runsCompleted, runsTotal }) => `${runsCompleted}/${runsTotal}`),
    ...ROUTED_MODELS.map((id) => row(`calls of ${id}`, ({ callsByModel }) => whole(callsByModel[id] ?? 0))),
    row('tokens in', ({ inputTokens }) => whole(inputTokens)),
    row('tokens out', ({ outputTokens }) => whole(outputTokens)),
    row('first token p50', ({ firstTokenP50Ms }) => duration(firstTokenP50Ms)),
    row('cost per run', ({ costPerRunUsd }) => dollars(costPerRunUsd)),
  ]
  return [table(['', `all ${FRONTIER}`, 'by task'], rows, color), ...notes(report, color)].join('\n')
}

/** What is about to be compared, in words. */
export function routingIntro(runs: number): string {
  return (
    `What routing saves: ${runs} of the runs without limits, all to ${FRONTIER}, and by task: a small model first, and ` +
    `${FRONTIER} where its answer does not pass. Of the small models' answers ${percent(WRONG_SHARE)} are made wrong.`
  )
}

function notes(report: RoutingReport, color: boolean): string[] {
  const { savedShare, breakEvenShare, wrongAnswers, escalations, escalatedShare } = report
  const lines = [
    `${whole(wrongAnswers)} answers of small models were wrong by the server's count (their share is set, not measured); ` +
      `${whole(escalations)} = ${percent(escalatedShare)} did not pass, and ${FRONTIER} answered.`,
  ]
  if (savedShare === null) return lines
  const saved = styled('bold', `By task a run costs ${percent(savedShare)} less at public prices.`, color)
  const even =
    breakEvenShare === null
      ? ''
      : ` It would cost the same with ${percent(breakEvenShare)} of the small models' answers wrong.`
  return [saved + even, ...lines]
}
