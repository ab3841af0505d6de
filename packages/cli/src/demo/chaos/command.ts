import type { DemoOptions } from '../options.ts'
import { Progress } from '../progress.ts'
import type { Standing } from '../progress.ts'
import { duration } from '../table.ts'
import { sumOf } from './endings.ts'
import { chaosReport } from './report.ts'
import { runChaos } from './run.ts'
import type { ChaosLive } from './run.ts'
import { chaosSetup } from './setup.ts'
import { chaosSummary } from './summary.ts'

const NAME = 'chaos'

/** Runs the workload through a bad day of its provider. Resolves with the exit code: 0 unless a run hung or was lost. */
export async function chaos(
  options: DemoOptions,
  out: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<number> {
  const setup = chaosSetup(options)
  out.write(`${setup.intro}\n\n`)
  const progress = new Progress(out, [NAME])
  const result = await runChaos(setup, {
    signal,
    onLive: (live) => progress.begin(NAME, standingOf(live)),
    onEnd: () => progress.end(),
  })
  const report = chaosReport(result, setup)
  out.write(`\n${chaosSummary(report, out.isTTY)}\n`)
  if (options.json) process.stdout.write(`${JSON.stringify({ chaos: report })}\n`)
  return report.sound ? 0 : 1
}

function standingOf(live: ChaosLive): () => Promise<Standing> {
  const since = performance.now()
  const { tally, watch } = live
  return async () => {
    const { answered, lesser, refused } = watch.endings()
    const [some, none] = [lesser, refused].map((by) => sumOf(Object.entries(by)))
    return {
      done: watch.ended,
      of: tally.runsTotal,
      cells: [
        `${watch.ended}/${tally.runsTotal}`.padStart(7),
        `${answered} answered, ${some} lesser, ${none} refused`.padStart(36),
        `${tally.openCalls} open`.padStart(8),
        duration(performance.now() - since).padStart(6),
        live.phase,
      ],
    }
  }
}
