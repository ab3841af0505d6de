import { lru } from '../structures/lru.ts'

/** Runs that have had a call admitted, of which no more are remembered than this; the longest silent goes first. */
const MOST = 10_000

/** Which runs are under way: their calls go before those of runs that have yet to begin. */
export class BegunRuns {
  readonly #runs = lru<true>(MOST)

  has(run: string | undefined): boolean {
    return run !== undefined && this.#runs.has(run)
  }

  /** True when it had not begun before. */
  begin(run: string): boolean {
    const known = this.#runs.has(run)
    this.#runs.set(run, true)
    return !known
  }

  end(run: string): void {
    this.#runs.delete(run)
  }
}
