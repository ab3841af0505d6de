import type { Standing } from './progress.ts'
import type { Live } from './run-side.ts'
import { duration, whole } from './table.ts'

/** How one way of calling models gets on. */
export function standingOf({ tally, stats }: Live): () => Promise<Standing> {
  const since = performance.now()
  return async () => {
    const server = (await stats?.().catch(() => undefined))?.total
    const rateLimited = server ? (server.byStatus['429'] ?? 0) : tally.rateLimited
    const calls = server?.received ?? tally.requests
    const waiting = Math.max(0, tally.openCalls - (server?.inFlight ?? 0))
    const { runsCompleted, runsTotal } = tally
    return {
      done: runsCompleted,
      of: runsTotal,
      cells: [
        `${runsCompleted}/${runsTotal} runs`.padStart(13),
        `${whole(rateLimited)} of ${whole(calls)} calls 429`.padStart(25),
        `${waiting} waiting`.padStart(12),
        duration(performance.now() - since).padStart(8),
      ],
    }
  }
}
