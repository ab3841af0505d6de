import type { Held, Stages } from './cold-start.ts'

/** Times every turn of the event loop. */
export class Watch {
  readonly #stages: Record<string, Held> = {}
  #stage: string | undefined
  #isOver = false
  #watching: Promise<void> | undefined

  /** Once the process has calmed down. */
  async begin(): Promise<void> {
    await pass(200)
    this.#watching = this.#watch()
  }

  /** Begins something in a turn of its own; whatever follows from it counts too, for a while. */
  async stage(name: string, begin: () => unknown): Promise<void> {
    await pass(2)
    this.#stage = name
    await begin()
    await pass(20)
  }

  async end(): Promise<Stages> {
    this.#isOver = true
    await this.#watching
    return this.#stages
  }

  async #watch(): Promise<void> {
    let thread = threadMs()
    let wall = performance.now()
    while (!this.#isOver) {
      await nextTurn()
      const [threadNow, wallNow] = [threadMs(), performance.now()]
      this.#note(threadNow - thread, wallNow - wall)
      thread = threadNow
      wall = wallNow
    }
  }

  #note(thread: number, wall: number): void {
    if (this.#stage === undefined) return
    const { threadMs: longest, wallMs } = this.#stages[this.#stage] ?? { threadMs: 0, wallMs: 0 }
    this.#stages[this.#stage] = { threadMs: Math.max(longest, thread), wallMs: Math.max(wallMs, wall) }
  }
}

async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn()
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Processor time of this thread. Linux brings it up to date when the whole process is asked for its own. */
function threadMs(): number {
  process.cpuUsage()
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
