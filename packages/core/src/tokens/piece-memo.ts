import { hashOf } from './rank-table.ts'

/** A power of two. */
const SLOTS = 4_096
/** In bytes. Longer pieces do not come again as often. */
export const LONGEST_REMEMBERED = 24

/**
 * The token counts of short pieces that came before. Each has one place, by its hash, and takes it from whichever was
 * there: some 100 KB that never grow, and a count is only ever given for the very same bytes.
 */
export class PieceMemo {
  readonly #bytes = new Uint8Array(SLOTS * LONGEST_REMEMBERED)
  readonly #lengths = new Uint8Array(SLOTS)
  readonly #counts = new Uint8Array(SLOTS)

  /** The count of `input[0..length)`, or 0 when it is not remembered. */
  get(input: Uint8Array, length: number): number {
    const slot = hashOf(input, 0, length) & (SLOTS - 1)
    if (this.#lengths[slot] !== length) return 0
    const start = slot * LONGEST_REMEMBERED
    for (let index = 0; index < length; index++) {
      if (this.#bytes[start + index] !== input[index]) return 0
    }
    return this.#counts[slot]!
  }

  /** @param length - from 1 to `LONGEST_REMEMBERED` */
  set(input: Uint8Array, length: number, count: number): void {
    const slot = hashOf(input, 0, length) & (SLOTS - 1)
    const start = slot * LONGEST_REMEMBERED
    for (let index = 0; index < length; index++) this.#bytes[start + index] = input[index]!
    this.#lengths[slot] = length
    this.#counts[slot] = count
  }
}
