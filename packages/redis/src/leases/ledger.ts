import type { Correction } from './lease-op.ts'

/** In one word, of one bucket. The rest waits for the next. */
const MOST_CORRECTIONS = 500

/** Calls that were counted together: the store counts them at one time. */
export interface Batch {
  /** By the store's clock; NaN until it has said so. */
  at: number
  /** Of those that were settled since, and that is still to be told. */
  charged: number
  actual: number
}

/** What the store is told of one slice. */
export interface Entry {
  readonly dropped: number
  readonly counted: number
  readonly answered: number
  readonly returned: number
  readonly parted: number
  readonly corrections: readonly Correction[]
  readonly batch: Batch | undefined
}

/** What has come of one slice, and is still to be told. */
export class Ledger {
  #dropped = 0
  #counted = 0
  #answered = 0
  #returned = 0
  #parted = 0
  #batch: Batch | undefined
  readonly #toCorrect = new Set<Batch>()

  get isEmpty(): boolean {
    return (
      this.#dropped === 0 &&
      this.#counted === 0 &&
      this.#answered === 0 &&
      this.#returned === 0 &&
      this.#parted === 0 &&
      this.#toCorrect.size === 0
    )
  }

  /** Used, and not told of. */
  get counted(): number {
    return this.#counted
  }

  /** Its provider has counted so much. */
  count(amount: number): Batch {
    this.#dropped += amount
    this.#counted += amount
    this.#batch ??= { at: Number.NaN, charged: 0, actual: 0 }
    return this.#batch
  }

  /** What was counted, and not told yet, is told in another way. */
  uncount(amount: number): void {
    this.#dropped -= amount
    this.#counted -= amount
  }

  /** What was counted as `charged` was really `actual`. */
  correct(batch: Batch, charged: number, actual: number): void {
    if (charged === actual) return
    if (batch === this.#batch) {
      this.#counted += actual - charged
      return
    }
    batch.charged += charged
    batch.actual += actual
    this.#toCorrect.add(batch)
  }

  /** Held until it was over, and came to this. */
  replace(charged: number, actual: number): void {
    this.#dropped += charged
    this.#counted += actual
  }

  answered(calls: number): void {
    this.#answered += calls
  }

  giveBack(amount: number): void {
    this.#returned += amount
  }

  /** Told by itself: the store keeps it apart from now on. */
  part(amount: number): void {
    this.#parted += amount
  }

  /** All of it, and nothing is left. */
  take(): Entry {
    const entry = {
      dropped: this.#dropped,
      counted: this.#counted,
      answered: this.#answered,
      returned: this.#returned,
      parted: this.#parted,
      corrections: this.#corrections(),
      batch: this.#batch,
    }
    this.#dropped = this.#counted = this.#answered = this.#returned = this.#parted = 0
    this.#batch = undefined
    return entry
  }

  #corrections(): Correction[] {
    const corrections: Correction[] = []
    for (const batch of this.#toCorrect) {
      if (corrections.length >= MOST_CORRECTIONS) break
      const { at, charged, actual } = batch
      if (charged !== actual) corrections.push({ at, charged, actual })
      batch.charged = batch.actual = 0
      this.#toCorrect.delete(batch)
    }
    return corrections
  }
}
