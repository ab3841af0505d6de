/** Runs that have had a call admitted, of which no more are remembered than this; the longest silent goes first. */
const MOST = 10_000

/** Which runs are under way: their calls go before those of runs that have yet to begin. */
export class BegunRuns {
  readonly #runs = new Set<string>()

  has(run: string | undefined): boolean {
    return run !== undefined && this.#runs.has(run)
  }

  /** True when it had not begun before. */
  begin(run: string): boolean {
    const known = this.#runs.delete(run)
    this.#runs.add(run)
    if (this.#runs.size > MOST) {
      for (const oldest of this.#runs) {
        this.#runs.delete(oldest)
        break
      }
    }
    return !known
  }

  end(run: string): void {
    this.#runs.delete(run)
  }
}
