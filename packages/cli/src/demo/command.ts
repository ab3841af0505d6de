import { chaos } from './chaos/command.ts'
import { DEMO_HELP, readDemoOptions } from './options.ts'
import type { DemoOptions } from './options.ts'
import { Progress } from './progress.ts'
import { judge } from './report.ts'
import type { Judged } from './report.ts'
import { runWay, WAYS } from './routing/compare.ts'
import type { Way, WayResult } from './routing/compare.ts'
import { routingReport } from './routing/report.ts'
import type { RoutingReport } from './routing/report.ts'
import { routingIntro, routingSummary } from './routing/summary.ts'
import { runSide } from './run-side.ts'
import { demoSetup } from './setup.ts'
import type { DemoSetup } from './setup.ts'
import { SIDES } from './sides/side.ts'
import { standingOf } from './standing.ts'
import { untilStopped } from './stopping.ts'
import { summary } from './summary.ts'
import type { Run } from './workload.ts'

const ROUTING_RUNS = 100
/** Of a minute: one comes after the other, so that nobody waits for anybody. */
const ROUTING_EVERY = 1 / 200

/** Runs the demo. Resolves with the exit code: 0 unless runs of ours failed, hung or were lost. */
export async function demo(args: readonly string[]): Promise<number> {
  const options = readDemoOptions(args, process.env)
  if (options === 'help') {
    process.stdout.write(DEMO_HELP)
    return 0
  }
  return untilStopped(options.json ? process.stderr : process.stdout, (out, signal) =>
    options.chaos ? chaos(options, out, signal) : compare(options, out, signal),
  )
}

async function compare(options: DemoOptions, out: NodeJS.WriteStream, signal: AbortSignal): Promise<number> {
  const parts = demoSetup(options)
  const runs = parts.setup.runs
    .slice(0, ROUTING_RUNS)
    .map((run, index) => ({ ...run, arrivesMs: index * options.minuteMs * ROUTING_EVERY }))
  if (options.sides.length > 0) out.write(`${parts.intro}\n`)
  if (options.routing) out.write(`${routingIntro(runs.length)}\n`)
  out.write('\n')
  const progress = new Progress(out, [...options.sides, ...(options.routing ? WAYS : [])])
  const judged = await runSides(options, parts, progress, signal)
  const routing = options.routing ? await runWays(options, runs, progress, signal) : undefined
  if (judged.length > 0) out.write(`\n${summary(judged, out.isTTY)}\n`)
  if (routing !== undefined) out.write(`\n${routingSummary(routing, out.isTTY)}\n`)
  if (options.json) process.stdout.write(`${jsonOf(judged, routing)}\n`)
  return judged.every(isWhole) && (routing === undefined || isRouted(routing)) ? 0 : 1
}

async function runSides(
  { sides }: DemoOptions,
  { setup, chainMs }: DemoSetup,
  progress: Progress,
  signal: AbortSignal,
): Promise<Judged[]> {
  const judged: Judged[] = []
  for (const name of sides) {
    // One at a time: three servers and their clients would measure how they share the cores.
    const result = await runSide(name, setup, {
      signal,
      onLive: (live) => progress.begin(name, standingOf(live)),
      onEnd: () => progress.end(),
    })
    judged.push(judge(result, chainMs))
  }
  return judged
}

async function runWays(
  { seed, minuteMs }: DemoOptions,
  runs: readonly Run[],
  progress: Progress,
  signal: AbortSignal,
): Promise<RoutingReport> {
  const run = (way: Way): Promise<WayResult> =>
    runWay(way, {
      runs,
      seed,
      minuteMs,
      signal,
      onLive: (live) => progress.begin(way, standingOf(live)),
      onEnd: () => progress.end(),
    })
  const frontier = await run('frontier')
  return routingReport({ frontier, routed: await run('routed') })
}

function jsonOf(judged: readonly Judged[], routing: RoutingReport | undefined): string {
  const reports = SIDES.map((name) => [
    name,
    judged.find(({ result }) => result.name === name)?.report ?? null,
  ])
  return JSON.stringify({ ...Object.fromEntries(reports), routing: routing ?? null })
}

/** Only ours has promised anything. */
function isWhole({ result, report }: Judged): boolean {
  return result.name !== 'plimsoll' || report.runsCompleted === report.runsTotal
}

function isRouted({ frontier, routed }: RoutingReport): boolean {
  return [frontier, routed].every(({ runsCompleted, runsTotal }) => runsCompleted === runsTotal)
}
