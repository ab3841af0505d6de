import type { CallRecord } from '../call/record.ts'
import { Cells } from './cells.ts'
import { KEYS } from './names.ts'
import { reportOf } from './report.ts'
import type { ReportQuery } from './report-query.ts'
import type { CallReport } from './report.ts'

const MAX_CELLS = 10_000
/** Of what may be kept, how much is once it has been more: not to begin anew with every call. */
const KEPT = 0.9

export interface LedgerOptions {
  /**
   * How many combinations of keys and times are told apart, at some kilobytes each. Above it older times are put
   * together first, then the rarest values of the key that has the most, as `(other)`. @defaultValue 10_000
   */
  readonly maxCells?: number | undefined
}

/** Every call that is over, added up so that it can be asked for by key and time. Owns no timer, and forgets in time. */
export class Ledger {
  readonly #cells = new Cells()
  readonly #maxCells: number

  constructor({ maxCells = MAX_CELLS }: LedgerOptions = {}) {
    this.#maxCells = maxCells
  }

  /** How many cells are kept. */
  get size(): number {
    return this.#cells.size
  }

  add(record: CallRecord, now: number): void {
    this.#cells.add(record, now)
    if (this.#cells.size > this.#maxCells) this.#shrink(now)
  }

  /** @throws {PlimsollError} `invalid-call` for a query that makes no sense, naming the field and the mend */
  report(query: ReportQuery, now: number): CallReport {
    this.#cells.age(now)
    return reportOf(this.#cells, query, now)
  }

  /** What is kept of it stays counted, without the name. */
  forget(key: 'tenant' | 'user', value: string): void {
    const index = KEYS.indexOf(key)
    const name = this.#cells.names.find(index, value)
    if (name !== undefined) this.#cells.fold(index, new Set([name]))
  }

  #shrink(now: number): void {
    const enough = Math.floor(this.#maxCells * KEPT)
    while (this.#cells.size > enough) {
      if (this.#cells.rollUpOldest(now)) continue
      const { key, names } = this.#cells.names.rarest(1 - KEPT)
      if (names.size === 0) this.#cells.dropOldest()
      else this.#cells.fold(key, names)
    }
  }
}
