/** Something to be timed. */
export interface Case {
  readonly name: string
  /** Does it so many times. */
  run(times: number): void | Promise<void>
  /** What is to be put in order after a run, and is not timed. */
  after?(): Promise<void>
}

export interface Effort {
  readonly rounds?: number
  /** How long each case runs in each round, about. */
  readonly roundMs?: number
}

const MOST_TIMES = 1 << 22
const WARM_UP_MS = 500

/**
 * Nanoseconds of each case: the median of several rounds. The cases take turns within a round, so that a moment when the
 * machine was busy with something else is shared by all, and their ratios hold.
 */
export async function timed(
  cases: readonly Case[],
  { rounds = 21, roundMs = 25 }: Effort = {},
): Promise<number[]> {
  const times: number[] = []
  // One after the other throughout: what runs beside another cannot be timed.
  // oxlint-disable no-await-in-loop
  for (const one of cases) times.push(await timesFor(one, roundMs))
  const samples = cases.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, { run, after }] of cases.entries()) {
      const began = performance.now()
      await run(times[index]!)
      samples[index]!.push(((performance.now() - began) * 1e6) / times[index]!)
      await after?.()
    }
  }
  // oxlint-enable no-await-in-loop
  return samples.map(median)
}

/** How often it runs in a round. It is run for so long that all of it is compiled: what is timed is a process that has run. */
async function timesFor({ run, after }: Case, roundMs: number): Promise<number> {
  const until = performance.now() + WARM_UP_MS
  for (let times = 1; ;) {
    const began = performance.now()
    // oxlint-disable-next-line no-await-in-loop -- how long it took decides how often it runs next
    await run(times)
    const ended = performance.now()
    const elapsed = ended - began
    // oxlint-disable-next-line no-await-in-loop
    await after?.()
    if (ended >= until && (elapsed >= roundMs || times >= MOST_TIMES))
      return Math.max(1, Math.round((times * roundMs) / elapsed))
    if (elapsed < roundMs && times < MOST_TIMES) times *= 2
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A case that is over when it returns. */
export function atOnce(name: string, once: () => void): Case {
  return {
    name,
    run(times) {
      for (let time = 0; time < times; time++) once()
    },
  }
}

/** One after the other, each awaited. */
export function inTurn(name: string, once: () => Promise<unknown>): Case {
  return {
    name,
    async run(times) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time is what is timed
      for (let time = 0; time < times; time++) await once()
    },
  }
}

/** Bytes that are in use once everything nobody holds is gone. */
export function heapInUse(): number {
  if (gc === undefined)
    throw new Error('Run with --expose-gc: bytes cannot be counted while garbage is among them.')
  gc()
  gc()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

/** So many at any time, until all are done. */
export function inFlight(name: string, width: number, once: () => Promise<unknown>): Case {
  return {
    name,
    async run(times) {
      let begun = 0
      const lane = async (): Promise<void> => {
        // oxlint-disable-next-line no-await-in-loop -- a lane is one after the other
        while (begun++ < times) await once()
      }
      await Promise.all(Array.from({ length: Math.min(width, times) }, lane))
    },
  }
}
