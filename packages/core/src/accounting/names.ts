import type { CallRecord } from '../call/record.ts'

/** What calls are told apart by. `shadow` is there for those that were asked besides others, for comparison. */
export const KEYS = [
  'tenant',
  'user',
  'feature',
  'workflow',
  'task',
  'step',
  'target',
  'promptVersion',
  'plan',
  'priority',
  'outcome',
  'shadow',
] as const

export type ReportKey = (typeof KEYS)[number]

/** What stands for values that there was no room to tell apart. */
export const OTHER = '(other)'

/** One value of a key, and how much is kept of it. */
export interface Name {
  readonly value: string
  /** Its part of the id of a cell: nothing else has the same. */
  readonly id: string
  cells: number
  requests: number
}

/** In the order of `KEYS`; a key that a call does not have is `undefined`. */
export type Names = readonly (Name | undefined)[]

const REST: Name = { value: OTHER, id: '', cells: 0, requests: 0 }

/** Every value of every key that something is kept of, once. */
export class NameTable {
  readonly #names = KEYS.map(() => new Map<string, Name>())
  #ids = 0

  /** One after the other, since each call is looked up. */
  of({ attributes, target, priority, outcome, shadowOf }: CallRecord): Names {
    const { tenant, user, feature, workflow, task, step, promptVersion, plan } = attributes
    return [
      this.#name(0, tenant),
      this.#name(1, user),
      this.#name(2, feature),
      this.#name(3, workflow),
      this.#name(4, task),
      this.#name(5, step),
      this.#name(6, target),
      this.#name(7, promptVersion),
      this.#name(8, plan),
      this.#name(9, priority),
      this.#name(10, outcome),
      this.#name(11, shadowOf === undefined ? undefined : 'shadow'),
    ]
  }

  find(key: number, value: string): Name | undefined {
    return this.#names[key]!.get(value)
  }

  /** Of the key that has most values the rarest ones, this share of all. */
  rarest(share: number): { readonly key: number; readonly names: ReadonlySet<Name> } {
    let key = 0
    for (const [other, { size }] of this.#names.entries()) if (size > this.#names[key]!.size) key = other
    const names = [...this.#names[key]!.values()]
    const count = Math.ceil(names.length * share)
    // Numbers are sorted many times faster than names.
    const sorted = new Float64Array(names.map(({ requests }) => requests)).toSorted()
    const last = sorted[count - 1]
    const rarer = names.filter(({ requests }) => requests < last!)
    const asRare = names.filter(({ requests }) => requests === last)
    return { key, names: new Set([...rarer, ...asRare.slice(0, count - rarer.length)]) }
  }

  gained(names: Names, { cells, requests }: { cells: number; requests: number }): void {
    for (let key = 0; key < names.length; key++) {
      const name = names[key]
      if (name === undefined || name === REST) continue
      name.cells += cells
      name.requests += requests
    }
  }

  /** A name that nothing is kept of is forgotten. */
  lost(names: Names, requests: number): void {
    this.gained(names, { cells: -1, requests: -requests })
    for (let key = 0; key < names.length; key++) {
      const name = names[key]
      if (name !== undefined && name !== REST && name.cells === 0) this.#names[key]!.delete(name.value)
    }
  }

  #name(key: number, value: string | undefined): Name | undefined {
    if (value === undefined) return undefined
    const known = this.#names[key]!.get(value)
    if (known !== undefined) return known
    const name: Name = { value, id: `${key}:${++this.#ids} `, cells: 0, requests: 0 }
    this.#names[key]!.set(value, name)
    return name
  }
}

/** The same names, but for this key. */
export function folded(names: Names, key: number): Names {
  return names.with(key, REST)
}

/** Of these names, with `foldedKey` as `folded` has it. */
export function idOf(names: Names, foldedKey = -1): string {
  let id = ''
  for (let key = 0; key < names.length; key++) {
    const name = key === foldedKey ? REST : names[key]
    if (name !== undefined) id += name === REST ? `${key}:rest ` : name.id
  }
  return id
}
