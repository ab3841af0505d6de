import type { Judged } from './report.ts'
import { dollars, duration, percent, table, whole } from './table.ts'
import { quantile } from './tally.ts'

/** Everything that was measured, one side beside the other. */
export function summary(sides: readonly Judged[], color: boolean): string {
  const row = (name: string, cell: (side: Judged) => string): string[] => [name, ...sides.map(cell)]
  const rows = [
    row('runs completed', ({ report }) => `${report.runsCompleted}/${report.runsTotal}`),
    row('calls sent', ({ report }) => whole(report.calls)),
    row('of them 429', ({ report }) => `${whole(report.rateLimited)} = ${percent(report.rateLimitedShare)}`),
    row('makespan', ({ report }) => duration(report.makespanMs)),
    row('lower bound', ({ report }) => duration(report.lowerBoundMs)),
    row('makespan / bound', ratioText),
    row('run p50', ({ report }) => duration(report.p50Ms)),
    row('run p95', ({ report }) => duration(report.p95Ms)),
    row('run p99', ({ report }) => duration(report.p99Ms)),
    row('first token p50', firstToken(0.5)),
    row('first token p95', firstToken(0.95)),
    row('cost per completed run', ({ report }) => dollars(report.costPerRunUsd)),
    row('tokens in', ({ report }) => whole(report.inputTokens)),
    row('tokens out', ({ report }) => whole(report.outputTokens)),
    ...modelsOf(sides).map((model) => row(`calls of ${model}`, (side) => whole(callsOfModel(side, model)))),
  ]
  const text = table(['', ...sides.map(({ result }) => result.name)], rows, color)
  return [text, ...sides.flatMap(notes)].join('\n')
}

function firstToken(part: number): (side: Judged) => string {
  return ({ result }) => duration(quantile(result.tally.firstTokenMs, part))
}

function ratioText(side: Judged): string {
  const ratio = ratioOf(side)
  // Of work that was not finished there is no makespan to compare.
  if (ratio === null || side.report.runsCompleted < side.report.runsTotal) return '-'
  return ratio.toFixed(3)
}

export function ratioOf({ report }: Judged): number | null {
  const { makespanMs, lowerBoundMs } = report
  return makespanMs === null || lowerBoundMs === null || lowerBoundMs === 0 ? null : makespanMs / lowerBoundMs
}

function callsOfModel({ result }: Judged, model: string): number {
  if (result.stats !== undefined) return result.stats.models[model]?.received ?? 0
  return result.tally.requestsByModel.get(model) ?? 0
}

function modelsOf(sides: readonly Judged[]): string[] {
  return [...new Set(sides.flatMap(({ result }) => [...result.tally.requestsByModel.keys()]))]
}

function notes({ result, bound }: Judged): string[] {
  const { name, tally, stopped, loop } = result
  const lines: string[] = []
  if (stopped)
    lines.push(`${name} was stopped with ${tally.runsTotal - tally.runsCompleted} runs unfinished.`)
  const [worst] = [...tally.failures].toSorted(([, left], [, right]) => right - left)
  if (worst !== undefined) {
    const [reason, times] = worst
    lines.push(`${name}: ${tally.runsFailed} runs failed, ${times} of them: ${reason}.`)
  }
  if (bound !== undefined && bound.windows > 0) {
    lines.push(`${name}: bound by ${bound.by}, ${bound.windows.toFixed(1)} minutes of work.`)
  }
  const late = `${name}: the client's event loop was late by ${loop.p99Ms.toFixed(0)} ms at p99`
  return [...lines, `${late}, ${loop.maxMs.toFixed(0)} ms at most.`]
}
