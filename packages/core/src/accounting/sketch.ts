import { DDSketch } from '@datadog/sketches-js'

/** A percentile is told within this share of the true one. */
const ACCURACY = 0.019
/** Up to here values are kept as they are: most cells never see more, and a sketch of nothing takes 0.8 kB. */
const FEW = 32
/** Most cells know no first content, and many no wait: they share this. */
const NONE: number[] = []
/** Milliseconds. Less is told as none, more as this (eleven days): what lies between has at most 730 bins. */
const LEAST = 1e-3
const MOST = 1e9

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** Times, kept so that sets of them can be put together and asked for percentiles. */
export class Sketch {
  #few: number[] = NONE
  #many: DDSketch | undefined

  add(value: number): void {
    if (Number.isNaN(value)) return
    const kept = value < LEAST ? 0 : Math.min(value, MOST)
    if (this.#many !== undefined || this.#few.length === FEW) this.#sketch().accept(kept)
    else if (this.#few === NONE) this.#few = [kept]
    else this.#few.push(kept)
  }

  merge(other: Sketch): void {
    for (const value of other.#few) this.add(value)
    if (other.#many !== undefined) this.#sketch().merge(other.#many)
  }

  /** By nearest rank: the least value that so great a share of all does not exceed. `undefined` of none. */
  percentiles(): Percentiles | undefined {
    const many = this.#many
    const sorted = many === undefined ? this.#few.toSorted((a, b) => a - b) : NONE
    const count = many?.count ?? sorted.length
    if (count === 0) return undefined
    const at = (share: number): number => {
      const rank = Math.ceil(share * count) - 1
      // Half a rank more, and the sketch rounds down to just this one.
      return many?.getValueAtQuantile(Math.min(1, (rank + 0.5) / (count - 1))) ?? sorted[rank]!
    }
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
  }

  #sketch(): DDSketch {
    if (this.#many === undefined) {
      this.#many = new DDSketch({ relativeAccuracy: ACCURACY })
      for (const value of this.#few) this.#many.accept(value)
      this.#few = NONE
    }
    return this.#many
  }
}
