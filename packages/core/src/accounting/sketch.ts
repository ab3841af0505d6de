/** A percentile is told within this share of the true one. */
const ACCURACY = 0.019
/** Each bin ends so much higher than the one before, as in DDSketch (Masson and others, VLDB 2019). */
const GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
const PER_BIN = 1 / Math.log(GROWTH)
/** What a bin's values are told as, of its upper end: at most `ACCURACY` from any of them. */
const MIDDLE = 2 / (1 + GROWTH)
/** Milliseconds. Less is told as none, more as this (eleven days): what lies between has 730 bins. */
const LEAST = 1e-3
const MOST = 1e9
const LOWEST = Math.ceil(Math.log(LEAST) * PER_BIN)
/** Bins are added so many at a time. */
const CHUNK = 32
/** Up to here values are kept as they are: most cells never see more. */
const FEW = 32
/** Most cells know no first content, and many no wait: they share this. */
const NONE: number[] = []

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** Times, kept so that sets of them can be put together and asked for percentiles. */
export class Sketch {
  #few: number[] = NONE
  /** Counts of values, from bin `#first` on; of no time at all there is `#none`. */
  #bins: Float64Array | undefined
  #first = 0
  #none = 0
  #count = 0

  add(value: number): void {
    if (Number.isNaN(value)) return
    const kept = value < LEAST ? 0 : Math.min(value, MOST)
    if (this.#count < FEW) {
      this.#count++
      if (this.#few === NONE) this.#few = [kept]
      else this.#few.push(kept)
    } else this.#addTo(binOf(kept), 1)
  }

  merge(other: Sketch): void {
    for (const value of other.#few) this.add(value)
    if (other.#bins === undefined) return
    this.#addTo(-1, other.#none)
    for (const [index, count] of other.#bins.entries()) {
      if (count > 0) this.#addTo(other.#first + index, count)
    }
  }

  /** By nearest rank: the least value that so great a share of all does not exceed. `undefined` of none. */
  percentiles(): Percentiles | undefined {
    if (this.#count === 0) return undefined
    const sorted = this.#few.toSorted((a, b) => a - b)
    const at = (share: number): number => {
      const rank = Math.ceil(share * this.#count)
      return this.#bins === undefined ? sorted[rank - 1]! : this.#valueAt(this.#bins, rank)
    }
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
  }

  #valueAt(bins: Float64Array, rank: number): number {
    let seen = this.#none
    if (seen >= rank) return 0
    let index = -1
    while (seen < rank) seen += bins[++index]!
    return GROWTH ** (this.#first + index + LOWEST) * MIDDLE
  }

  #addTo(bin: number, count: number): void {
    const few = this.#few
    if (this.#bins === undefined) {
      this.#bins = new Float64Array(0)
      this.#few = NONE
      this.#count = 0
      for (const value of few) this.#addTo(binOf(value), 1)
    }
    this.#count += count
    if (bin < 0) this.#none += count
    else {
      this.#reach(bin)
      this.#bins[bin - this.#first]! += count
    }
  }

  #reach(bin: number): void {
    const bins = this.#bins!
    const chunk = Math.floor(bin / CHUNK) * CHUNK
    if (bins.length === 0) this.#first = chunk
    const end = this.#first + bins.length
    if (bin >= this.#first && bin < end) return
    const from = Math.min(chunk, this.#first)
    this.#bins = new Float64Array(Math.max(chunk + CHUNK, end) - from)
    this.#bins.set(bins, this.#first - from)
    this.#first = from
  }
}

/** Less than 0 of no time at all. */
function binOf(value: number): number {
  return Math.ceil(Math.log(value) * PER_BIN) - LOWEST
}
