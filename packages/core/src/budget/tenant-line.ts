import type { Waiter } from './waiter.ts'

/** Of a tenant's grants, one in this many goes to its oldest, so that new runs begin however many are under way. */
const OLDEST_EVERY = 4
/** How far down the line calls of a run that begins are looked for. */
const LOOK_AHEAD = 64

/** The waiters of one tenant in one class of priority: those of runs already begun, and the others. */
export class TenantLine {
  readonly tenant: string
  readonly weight: number
  heapIndex = -1
  /** Virtual time: tokens granted per weight. */
  vt = 0
  /** Breaks ties: the order in which lines became active. */
  activated = 0
  waiting = 0
  tokens = 0
  #grants = 0
  readonly #begun = new WaiterList()
  readonly #fresh = new WaiterList()

  constructor(tenant: string, weight: number) {
    this.tenant = tenant
    this.weight = weight
  }

  add(waiter: Waiter, runBegun: boolean): void {
    waiter.line = this
    this.waiting++
    this.tokens += waiter.ask.cost
    waiter.runBegun = runBegun
    this.#listOf(waiter).insert(waiter)
  }

  remove(waiter: Waiter): void {
    if (waiter.line !== this) return
    waiter.line = undefined
    this.waiting--
    this.tokens -= waiter.ask.cost
    this.#listOf(waiter).remove(waiter)
  }

  /** Who goes next. */
  get head(): Waiter | undefined {
    const begun = this.#begun.first
    const fresh = this.#fresh.first
    if (begun === undefined || fresh === undefined) return begun ?? fresh
    if (this.#grants % OLDEST_EVERY === OLDEST_EVERY - 1) return begun.ask.seq < fresh.ask.seq ? begun : fresh
    return begun
  }

  granted(): void {
    this.#grants++
  }

  /** A run has begun: its other calls, if near, go before those of runs that have not. */
  begin(run: string): void {
    let waiter = this.#fresh.first
    for (let looked = 0; waiter !== undefined && looked < LOOK_AHEAD; looked++) {
      const { after } = waiter
      if (waiter.ask.run === run) {
        this.#fresh.remove(waiter)
        waiter.runBegun = true
        this.#begun.insert(waiter)
      }
      waiter = after
    }
  }

  #listOf(waiter: Waiter): WaiterList {
    return waiter.runBegun ? this.#begun : this.#fresh
  }
}

/** Waiters by `seq`. New ones belong at the end; one that comes back, near the front. */
class WaiterList {
  first: Waiter | undefined = undefined
  #last: Waiter | undefined = undefined

  insert(waiter: Waiter): void {
    const { seq } = waiter.ask
    if (this.#last !== undefined && this.#last.ask.seq < seq) return this.#link(this.#last, waiter, undefined)
    let after = this.first
    while (after !== undefined && after.ask.seq < seq) after = after.after
    this.#link(after?.before, waiter, after)
  }

  remove(waiter: Waiter): void {
    const { before, after } = waiter
    if (before === undefined) this.first = after
    else before.after = after
    if (after === undefined) this.#last = before
    else after.before = before
    waiter.before = undefined
    waiter.after = undefined
  }

  #link(before: Waiter | undefined, waiter: Waiter, after: Waiter | undefined): void {
    waiter.before = before
    waiter.after = after
    if (before === undefined) this.first = waiter
    else before.after = waiter
    if (after === undefined) this.#last = waiter
    else after.before = waiter
  }
}
