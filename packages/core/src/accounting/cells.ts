import type { CallRecord } from '../call/record.ts'
import { Cell } from './cell.ts'
import { folded, idOf, NameTable } from './names.ts'
import type { Name, Names } from './names.ts'

export const MINUTE = 60_000
const QUARTER = 15 * MINUTE
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Slots of a level become one of the next when all of it is this old; those of the last are dropped. */
const LEVELS = [
  { ms: MINUTE, keepMs: HOUR },
  { ms: QUARTER, keepMs: 6 * HOUR },
  { ms: HOUR, keepMs: 2 * DAY },
  { ms: DAY, keepMs: 7 * DAY },
] as const
const LAST = LEVELS.length - 1

interface NamedCell {
  readonly id: string
  readonly names: Names
  readonly cell: Cell
}

export interface Slot {
  readonly from: number
  readonly ms: number
  readonly cells: Iterable<NamedCell>
}

/** A cell for each combination of keys in each slot of time; coarser slots the older they are. */
export class Cells {
  readonly names = new NameTable()
  readonly #levels = LEVELS.map(() => new Map<number, Map<string, NamedCell>>())
  #size = 0
  #minute = -Infinity
  /**
   * The cell of this minute that each tenant's last call went into: most often that of the next, too. One that is gone is
   * never met here: its names are others when they come again.
   */
  readonly #last = new Map<Name | undefined, NamedCell>()

  get size(): number {
    return this.#size
  }

  add(record: CallRecord, now: number): void {
    const from = floor(now, MINUTE)
    if (from !== this.#minute) {
      this.age(now)
      this.#minute = from
      this.#last.clear()
    }
    const names = this.names.of(record)
    const [tenant] = names
    let one = this.#last.get(tenant)
    if (one === undefined || !same(one.names, names)) this.#last.set(tenant, (one = this.#named(from, names)))
    one.cell.add(record)
    this.names.gained(names, { cells: 0, requests: 1 })
  }

  *slots(): Generator<Slot> {
    for (const [level, { ms }] of LEVELS.entries()) {
      for (const [from, slot] of this.#levels[level]!) yield { from, ms, cells: slot.values() }
    }
  }

  age(now: number): void {
    for (const [level, { keepMs }] of LEVELS.entries()) {
      for (const from of this.#levels[level]!.keys()) {
        if (this.#end(level, from) <= now - keepMs) this.#rollUp(level, from)
      }
    }
  }

  /** Puts the oldest slots together that the next level has a whole one for. False when there are none. */
  rollUpOldest(now: number): boolean {
    for (let level = 0; level < LAST; level++) {
      const slots = this.#levels[level]!
      const ends = Array.from(slots.keys(), (from) => this.#end(level, from))
      const oldest = Math.min(...ends)
      if (oldest > now) continue
      for (const from of slots.keys()) if (this.#end(level, from) === oldest) this.#rollUp(level, from)
      return true
    }
    return false
  }

  dropOldest(): void {
    const level = this.#levels.findLastIndex((slots) => slots.size > 0)
    if (level >= 0) this.#drop(level, Math.min(...this.#levels[level]!.keys()))
  }

  /** These values of a key are one from then on. */
  fold(key: number, names: ReadonlySet<Name>): void {
    // It would grow with every tenant that there was no room for.
    this.#last.clear()
    for (const slot of this.#levels.flatMap((slots) => [...slots.values()])) {
      for (const one of slot.values()) {
        const name = one.names[key]
        if (name === undefined || !names.has(name)) continue
        const id = idOf(one.names, key)
        const into = slot.get(id)
        if (into === undefined) this.#keep(slot, { ...one, id, names: folded(one.names, key) })
        else this.#merge(into, one.cell)
        slot.delete(one.id)
        this.#lost(one)
      }
    }
  }

  #named(from: number, names: Names): NamedCell {
    const slot = this.#slot(0, from)
    const id = idOf(names)
    return slot.get(id) ?? this.#keep(slot, { id, names, cell: new Cell() })
  }

  #slot(level: number, from: number): Map<string, NamedCell> {
    const slots = this.#levels[level]!
    let slot = slots.get(from)
    if (slot === undefined) slots.set(from, (slot = new Map()))
    return slot
  }

  #keep(slot: Map<string, NamedCell>, one: NamedCell): NamedCell {
    slot.set(one.id, one)
    this.#size++
    this.names.gained(one.names, { cells: 1, requests: one.cell.requests })
    return one
  }

  #merge({ names, cell }: NamedCell, other: Cell): void {
    cell.merge(other)
    this.names.gained(names, { cells: 0, requests: other.requests })
  }

  /** After it was kept elsewhere, or its names would be forgotten between. */
  #lost({ names, cell }: NamedCell): void {
    this.#size--
    this.names.lost(names, cell.requests)
  }

  /** When the slot of the next level ends that this one goes into; of the last level, when it ends itself. */
  #end(level: number, from: number): number {
    const { ms } = LEVELS[Math.min(level + 1, LAST)]!
    return floor(from, ms) + ms
  }

  #rollUp(level: number, from: number): void {
    if (level < LAST) {
      const into = this.#slot(level + 1, floor(from, LEVELS[level + 1]!.ms))
      for (const one of this.#slot(level, from).values()) {
        const known = into.get(one.id)
        if (known === undefined) this.#keep(into, one)
        else this.#merge(known, one.cell)
      }
    }
    this.#drop(level, from)
  }

  #drop(level: number, from: number): void {
    for (const one of this.#slot(level, from).values()) this.#lost(one)
    this.#levels[level]!.delete(from)
  }
}

function same(one: Names, other: Names): boolean {
  for (let key = 0; key < one.length; key++) if (one[key] !== other[key]) return false
  return true
}

export function floor(at: number, ms: number): number {
  return Math.floor(at / ms) * ms
}
