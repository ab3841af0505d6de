import { DEMO_HELP, readDemoOptions } from './options.ts'
import { Progress } from './progress.ts'
import { judge } from './report.ts'
import type { Judged } from './report.ts'
import { runSide } from './run-side.ts'
import { demoSetup } from './setup.ts'
import { SIDES } from './sides/side.ts'
import { summary } from './summary.ts'

const STOPPED_BY_SIGNAL = 130

/** Runs the demo. Resolves with the exit code: 0 unless runs of ours failed or were lost. */
export async function demo(args: readonly string[]): Promise<number> {
  const options = readDemoOptions(args, process.env)
  if (options === 'help') {
    process.stdout.write(DEMO_HELP)
    return 0
  }
  const out = options.json ? process.stderr : process.stdout
  const { setup, chainMs, intro } = demoSetup(options)
  out.write(`${intro}\n\n`)

  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  const progress = new Progress(out, options.sides)
  const judged: Judged[] = []
  try {
    for (const name of options.sides) {
      const onLive: Parameters<typeof runSide>[2]['onLive'] = (live) => progress.begin(name, live)
      // One at a time: three servers and their clients would measure how they share the cores.
      // oxlint-disable-next-line no-await-in-loop
      const result = await runSide(name, setup, { signal: stop.signal, onLive, onEnd: () => progress.end() })
      judged.push(judge(result, chainMs))
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
    out.write('Stopped.\n')
    return STOPPED_BY_SIGNAL
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
  out.write(`\n${summary(judged, out.isTTY)}\n`)
  if (options.json) process.stdout.write(`${jsonOf(judged)}\n`)
  return judged.every(isWhole) ? 0 : 1
}

function jsonOf(judged: readonly Judged[]): string {
  const reports = SIDES.map((name) => [
    name,
    judged.find(({ result }) => result.name === name)?.report ?? null,
  ])
  return JSON.stringify(Object.fromEntries(reports))
}

/** Only ours has promised anything. */
function isWhole({ result, report }: Judged): boolean {
  return result.name !== 'plimsoll' || report.runsCompleted === report.runsTotal
}
