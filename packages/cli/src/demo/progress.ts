import type { Live } from './run-side.ts'
import type { SideName } from './sides/side.ts'
import { duration, styled, whole } from './table.ts'

const BAR = 24
const REDRAW_MS = 250
const LINE_EVERY_MS = 3_000
const UP = (lines: number): string => `\u001b[${lines}A`
const CLEAR_LINE = '\u001b[2K'

/** Shows how each side gets on: bars on a terminal, a plain line now and then anywhere else. */
export class Progress {
  readonly #out: NodeJS.WriteStream
  readonly #lines: Map<SideName, string>
  #drawn = false
  #timer: NodeJS.Timeout | undefined
  #current: { name: SideName; live: Live; since: number } | undefined

  constructor(out: NodeJS.WriteStream, names: readonly SideName[]) {
    this.#out = out
    this.#lines = new Map(names.map((name) => [name, `${label(name)} to come`]))
  }

  begin(name: SideName, live: Live): void {
    this.#current = { name, live, since: performance.now() }
    const everyMs = this.#out.isTTY ? REDRAW_MS : LINE_EVERY_MS
    this.#timer = setInterval(() => void this.#tick(), everyMs)
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    await this.#tick()
    this.#current = undefined
  }

  async #tick(): Promise<void> {
    const current = this.#current
    if (current === undefined) return
    const line = await this.#line(current)
    // A tick that waited for the server may come after the end.
    if (this.#current !== current) return
    this.#lines.set(current.name, line)
    if (this.#out.isTTY) this.#redraw()
    else this.#out.write(`${line}\n`)
  }

  async #line({ name, live, since }: { name: SideName; live: Live; since: number }): Promise<string> {
    const { tally } = live
    const server = (await live.stats?.().catch(() => undefined))?.total
    const rateLimited = server ? (server.byStatus['429'] ?? 0) : tally.rateLimited
    const calls = server?.received ?? tally.requests
    const waiting = Math.max(0, tally.openCalls - (server?.inFlight ?? 0))
    const { runsCompleted, runsTotal } = tally
    const filled = Math.round((runsCompleted / runsTotal) * BAR)
    const bar = styled('green', '█'.repeat(filled), this.#out.isTTY) + '░'.repeat(BAR - filled)
    return [
      label(name),
      bar,
      `${runsCompleted}/${runsTotal} runs`.padStart(13),
      `${whole(rateLimited)} of ${whole(calls)} calls 429`.padStart(25),
      `${waiting} waiting`.padStart(12),
      duration(performance.now() - since).padStart(8),
    ].join('  ')
  }

  #redraw(): void {
    const lines = [...this.#lines.values()]
    const up = this.#drawn ? UP(lines.length) : ''
    this.#drawn = true
    this.#out.write(up + lines.map((line) => `${CLEAR_LINE}${line}\n`).join(''))
  }
}

function label(name: SideName): string {
  return name.padEnd('baseline'.length)
}
