import { IndexedHeap } from '../time/heap.ts'
import { Arrivals } from './arrivals.ts'
import { TenantLine } from './tenant-line.ts'
import type { Waiter } from './waiter.ts'

/** How many tenants are looked at one by one when it is asked who goes before somebody. */
const SCAN = 64

const byVirtualTime = (a: TenantLine, b: TenantLine): boolean =>
  a.vt < b.vt || (a.vt === b.vt && a.activated < b.activated)

/**
 * The waiters of one class of priority, shared out between tenants by tokens: the tenant that has been granted the
 * fewest goes next (virtual token counters; Sheng et al., "Fairness in Serving Large Language Models", OSDI 2024).
 *
 * Over any stretch in which two tenants both wait, what they are granted per weight differs by at most two of the
 * largest calls, plus the corrections that are outstanding at its ends.
 */
export class FairQueue {
  size = 0
  tokens = 0
  readonly arrivals = new Arrivals()
  readonly #lines = new Map<string, TenantLine>()
  readonly #active = new IndexedHeap<TenantLine>(byVirtualTime)
  /** Tenants with nobody waiting that have had more than their share: kept, so that leaving does not clear them. */
  readonly #idle = new IndexedHeap<TenantLine>(byVirtualTime)
  readonly #weightOf: (tenant: string) => number
  #activations = 0

  constructor(weightOf: (tenant: string) => number) {
    this.#weightOf = (tenant) => {
      const weight = weightOf(tenant)
      // What is no weight would break the order of everyone else's.
      return weight > 0 && weight < Number.POSITIVE_INFINITY ? weight : 1
    }
  }

  get tenants(): number {
    return this.#lines.size
  }

  add(waiter: Waiter, runBegun: boolean): void {
    const line = this.#lines.get(waiter.ask.tenant) ?? this.#newLine(waiter.ask.tenant)
    if (line.waiting === 0) this.#activate(line)
    line.add(waiter, runBegun)
    this.arrivals.insert(waiter)
    this.size++
    this.tokens += waiter.ask.cost
  }

  remove(waiter: Waiter): void {
    const { line } = waiter
    if (line === undefined) return
    line.remove(waiter)
    this.arrivals.remove(waiter)
    this.size--
    this.tokens -= waiter.ask.cost
    if (line.waiting === 0) this.#deactivate(line)
  }

  /** Who goes next. */
  get head(): Waiter | undefined {
    return this.#active.top?.head
  }

  /** Takes out a waiter whose turn it was. The line it returns is what a later correction is for. */
  grant(waiter: Waiter): TenantLine {
    const line = waiter.line!
    line.granted()
    line.vt += waiter.ask.cost / line.weight
    if (line.waiting > 1) this.#active.moved(line)
    this.remove(waiter)
    return line
  }

  /** What a grant cost turned out to be this much more, or less. */
  correct(line: TenantLine, tokens: number): void {
    if (this.#lines.get(line.tenant) !== line) return
    line.vt += tokens / line.weight
    if (line.waiting > 0) this.#active.moved(line)
    else this.#idle.moved(line)
    this.#forgetIdle()
  }

  begin(run: string, tenant: string): void {
    this.#lines.get(tenant)?.begin(run)
  }

  /** Tokens and calls that are served before one of `cost` that `tenant` would add now. */
  ahead(tenant: string, cost: number): { tokens: number; calls: number } {
    const own = this.#lines.get(tenant)
    const top = this.#active.top
    if (top === undefined) return { tokens: 0, calls: 0 }
    const vt = Math.max(own?.vt ?? top.vt, top.vt)
    const weight = own?.weight ?? this.#weightOf(tenant)
    const finish = vt + ((own?.tokens ?? 0) + cost) / weight
    const lines = this.#active.entries
    if (lines.length > SCAN) return { tokens: this.tokens, calls: this.size }
    let tokens = own?.tokens ?? 0
    let calls = own?.waiting ?? 0
    for (const line of lines) {
      if (line === own) continue
      const before = Math.min(line.tokens, Math.max(0, finish - line.vt) * line.weight)
      tokens += before
      calls += line.tokens === 0 ? 0 : (line.waiting * before) / line.tokens
    }
    return { tokens, calls }
  }

  #newLine(tenant: string): TenantLine {
    const line = new TenantLine(tenant, this.#weightOf(tenant))
    this.#lines.set(tenant, line)
    return line
  }

  #activate(line: TenantLine): void {
    this.#idle.remove(line)
    // Credit is not saved up by staying away.
    const least = this.#active.top
    if (least !== undefined) line.vt = Math.max(line.vt, least.vt)
    line.activated = this.#activations++
    this.#active.push(line)
  }

  #deactivate(line: TenantLine): void {
    this.#active.remove(line)
    this.#idle.push(line)
    this.#forgetIdle()
  }

  #forgetIdle(): void {
    const least = this.#active.top?.vt ?? Number.POSITIVE_INFINITY
    for (let idle = this.#idle.top; idle !== undefined && idle.vt <= least; idle = this.#idle.top) {
      this.#idle.pop()
      this.#lines.delete(idle.tenant)
    }
  }
}
