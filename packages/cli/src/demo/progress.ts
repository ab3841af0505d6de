import { styled } from './table.ts'

const BAR = 24
const REDRAW_MS = 250
const LINE_EVERY_MS = 3_000
const NAME = 'baseline'.length
const UP = (lines: number): string => `\u001b[${lines}A`
const CLEAR_LINE = '\u001b[2K'

/** How far something is, in columns. */
export interface Standing {
  readonly done: number
  readonly of: number
  readonly cells: readonly string[]
}

/** Shows how each part of the demo gets on: bars on a terminal, a plain line now and then anywhere else. */
export class Progress {
  readonly #out: NodeJS.WriteStream
  readonly #lines: Map<string, string>
  #drawn = false
  #timer: NodeJS.Timeout | undefined
  #current: { name: string; look: () => Promise<Standing> } | undefined

  constructor(out: NodeJS.WriteStream, names: readonly string[]) {
    this.#out = out
    this.#lines = new Map(names.map((name) => [name, `${name.padEnd(NAME)} to come`]))
  }

  begin(name: string, look: () => Promise<Standing>): void {
    this.#current = { name, look }
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
    const standing = await current.look()
    // A tick that waited for the server may come after the end.
    if (this.#current !== current) return
    const line = this.#line(current.name, standing)
    this.#lines.set(current.name, line)
    if (this.#out.isTTY) this.#redraw()
    else this.#out.write(`${line}\n`)
  }

  #line(name: string, { done, of, cells }: Standing): string {
    const filled = Math.round((done / of) * BAR)
    const bar = styled('green', '█'.repeat(filled), this.#out.isTTY) + '░'.repeat(BAR - filled)
    return [name.padEnd(NAME), bar, ...cells].join('  ')
  }

  #redraw(): void {
    const lines = [...this.#lines.values()]
    const up = this.#drawn ? UP(lines.length) : ''
    this.#drawn = true
    this.#out.write(up + lines.map((line) => `${CLEAR_LINE}${line}\n`).join(''))
  }
}
