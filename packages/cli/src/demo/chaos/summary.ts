import { duration, percent, styled, table, whole } from '../table.ts'
import { sumOf } from './endings.ts'
import type { ChaosReport } from './report.ts'

/** How every run ended, and what it met on the way. */
export function chaosSummary(report: ChaosReport, color: boolean): string {
  const { runsTotal, answered, lesser, refused, lost, hung } = report
  const row = (name: string, runs: number): string[] => [name, whole(runs), percent(runs / runsTotal)]
  const rows = (name: string, by: Readonly<Record<string, number>>): string[][] =>
    Object.entries(by)
      .toSorted(([, left], [, right]) => right - left)
      .map(([what, runs]) => row(`${name}: ${what}`, runs))
  const text = table(
    ['how the runs ended', 'runs', ''],
    [
      row('answered', answered),
      ...rows('lesser answer', lesser),
      ...rows('refused', refused),
      row('hung', hung),
      row('lost', sumOf(Object.entries(lost))),
      ...rows('lost', lost),
    ],
    color,
  )
  return [text, ...notes(report, color)].join('\n')
}

function notes(report: ChaosReport, color: boolean): string[] {
  const { faults, calls, rateLimited, slowestMs, deadlineMs, unrecorded, leftBehind } = report
  const met = Object.entries(faults)
    .map(([kind, times]) => `${whole(times)} ${kind}`)
    .join(', ')
  return [
    `Faults that calls met, by the server's count: ${met === '' ? 'none' : met}; ${whole(rateLimited)} of ${whole(calls)} calls were answered with 429.`,
    `The slowest run took ${duration(slowestMs)} of the ${duration(deadlineMs)} that each may take.`,
    report.sound
      ? styled('green', 'None hung, none was lost, and nothing was left behind.', color)
      : styled(
          'red',
          `Not sound: ${report.hung} hung, ${sumOf(Object.entries(report.lost))} lost, ${unrecorded} not recorded, ${leftBehind} held.`,
          color,
        ),
  ]
}
