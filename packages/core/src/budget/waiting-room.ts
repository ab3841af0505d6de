import { Deadlines } from './deadlines.ts'
import { FairQueue } from './fair-queue.ts'
import { Parking } from './parking.ts'
import type { Ahead } from './predicted-wait.ts'
import type { BegunRuns } from './begun-runs.ts'
import type { TenantLine } from './tenant-line.ts'
import type { Ask, Rank, Waiter } from './waiter.ts'

const RANKS: readonly Rank[] = [0, 1, 2]

/**
 * Everyone who waits for one pool, wherever they stand: in the line of their priority and tenant, aside in a parking
 * lot, or in front of all because they are nested in a call that already runs.
 */
export class WaitingRoom {
  size = 0
  readonly parking = new Parking()
  /** Calls made inside of calls: they go first, since what they wait for may wait for them. */
  readonly #nested: Waiter[] = []
  readonly #classes: readonly [FairQueue, FairQueue, FairQueue]
  readonly #deadlines = new Deadlines()
  readonly #runs: BegunRuns

  constructor(weightOf: (tenant: string) => number, runs: BegunRuns) {
    this.#classes = [new FairQueue(weightOf), new FairQueue(weightOf), new FairQueue(weightOf)]
    this.#runs = runs
  }

  get nextDeadline(): number {
    return this.#deadlines.next
  }

  get nextToExpire(): Waiter | undefined {
    return this.#deadlines.first
  }

  get nested(): readonly Waiter[] {
    return this.#nested
  }

  of(rank: Rank): FairQueue {
    return this.#classes[rank]
  }

  /** The foremost class in which anyone waits. */
  get foremost(): Rank | undefined {
    return RANKS.find((rank) => this.#classes[rank].size > 0)
  }

  /** Whether it would be the next to be asked for, were it to enter now. */
  nobodyBefore({ parent, rank }: Ask): boolean {
    if (this.#nested.length > 0) return false
    if (parent !== undefined) return true
    return RANKS.every((other) => other > rank || this.#classes[other].size === 0)
  }

  enter(waiter: Waiter): void {
    this.size++
    this.#deadlines.add(waiter)
    this.takePlace(waiter)
  }

  /** Its place in line, whether it is new there or comes back to it. */
  takePlace(waiter: Waiter): void {
    const { parent, run, rank } = waiter.ask
    if (parent !== undefined) this.#nested.push(waiter)
    else this.#classes[rank].add(waiter, this.#runs.has(run))
  }

  /** Aside, until there may be room in the bucket of this key. */
  park(waiter: Waiter, key: string, wakeAt: number): void {
    this.#leavePlace(waiter)
    this.parking.add(waiter, key, wakeAt)
  }

  /** Harmless for one that is not in the room. */
  leave(waiter: Waiter): void {
    if (!waiter.inside) return
    this.size--
    this.#deadlines.remove(waiter)
    this.#leavePlace(waiter)
    this.parking.remove(waiter)
  }

  /** Leaves because it was its turn; the line is what a later correction is for. */
  grant(waiter: Waiter): TenantLine | undefined {
    const line = waiter.line === undefined ? undefined : this.#classes[waiter.ask.rank].grant(waiter)
    this.leave(waiter)
    return line
  }

  /** A run has begun: its other calls need not wait for those of runs that have not. */
  begin(run: string, tenant: string): void {
    for (const queue of this.#classes) queue.begin(run, tenant)
  }

  /** What is served before it, were it to enter now. */
  aheadOf({ rank, tenant, cost }: Ask): Ahead {
    const ahead = { ...this.#classes[rank].ahead(tenant, cost) }
    for (const higher of RANKS) {
      if (higher >= rank) break
      ahead.tokens += this.#classes[higher].tokens
      ahead.calls += this.#classes[higher].size
    }
    return ahead
  }

  /** The one to go when the room is full: of the lowest class, the last to come. */
  get leastWorthy(): Waiter | undefined {
    const rank = RANKS.findLast((candidate) => this.#classes[candidate].size > 0)
    return rank === undefined ? undefined : this.#classes[rank].arrivals.youngest
  }

  /** Since when the one waits that has waited longest. */
  get oldestSince(): number | undefined {
    let oldest: number | undefined
    for (const { since } of this.all()) oldest = Math.min(oldest ?? since, since)
    return oldest
  }

  *all(): Iterable<Waiter> {
    yield* this.#nested
    for (const { arrivals } of this.#classes) {
      for (let waiter = arrivals.oldest; waiter !== undefined; waiter = waiter.arrivedAfter) yield waiter
    }
    yield* this.parking.all()
  }

  #leavePlace(waiter: Waiter): void {
    if (waiter.line !== undefined) this.#classes[waiter.ask.rank].remove(waiter)
    else if (waiter.ask.parent !== undefined) {
      const index = this.#nested.indexOf(waiter)
      if (index >= 0) this.#nested.splice(index, 1)
    }
  }
}
