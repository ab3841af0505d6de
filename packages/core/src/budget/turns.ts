import { Ageing } from './ageing.ts'
import type { WaitingRoom } from './waiting-room.ts'
import type { Rank, Waiter } from './waiter.ts'

/** Whose turn it is: whom to ask for, and whether out of turn. */
export interface Turn {
  readonly waiter: Waiter
  readonly lifted: boolean
}

/**
 * Decides who is asked for next. Nested calls first; then a class that has waited too long, while it has credit; then
 * the head of the foremost class, which stays the head once it was refused: so that a large call is not starved by
 * small ones whose tenants have had less.
 */
export class Turns {
  readonly #room: WaitingRoom
  readonly #ageMs: () => number
  readonly #ageing = new Ageing()
  readonly #claims: [Waiter | undefined, Waiter | undefined, Waiter | undefined] = [
    undefined,
    undefined,
    undefined,
  ]
  /** Nested calls that were refused since `restart`. */
  #nestedTried = new Set<Waiter>()

  constructor(room: WaitingRoom, ageMs: () => number) {
    this.#room = room
    this.#ageMs = ageMs
  }

  /** Something has changed: whoever was refused may be asked for again. */
  restart(): void {
    if (this.#nestedTried.size > 0) this.#nestedTried = new Set()
  }

  next(now: number): Turn | undefined {
    const room = this.#room
    if (room.nested.length > 0) {
      const waiter = room.nested.find((candidate) => !this.#nestedTried.has(candidate))
      return waiter && { waiter, lifted: false }
    }
    const foremost = room.foremost
    if (foremost === undefined) return undefined
    const lifted = this.#lift(now)
    const rank = lifted ?? foremost
    const waiter = this.#claimOf(rank) ?? room.of(rank).head
    return waiter && { waiter, lifted: lifted !== undefined }
  }

  #claimOf(rank: Rank): Waiter | undefined {
    const claim = this.#claims[rank]
    const head = claim?.line?.head
    // A call that a rate limit turned back was before it in their tenant's line, and is again.
    return head !== undefined && head.ask.seq < claim!.ask.seq ? head : head && claim
  }

  /** Room was lacking. Whether somebody else may be asked for all the same. */
  refused({ waiter, lifted }: Turn): boolean {
    if (waiter.ask.parent !== undefined) {
      // The next one's parent may have a slot to lend.
      this.#nestedTried.add(waiter)
      return true
    }
    if (!lifted) this.#claims[waiter.ask.rank] = waiter
    return false
  }

  /** `capacity` of the bucket it was granted of, in tokens. */
  granted({ waiter, lifted }: Turn, capacity: number): void {
    this.left(waiter)
    if (lifted) this.#ageing.spend(waiter.ask.cost)
    else this.#ageing.earn(waiter.ask.cost, capacity)
  }

  isClaim(waiter: Waiter): boolean {
    return this.#claims[waiter.ask.rank] === waiter
  }

  left(waiter: Waiter): void {
    if (this.#claims[waiter.ask.rank] === waiter) this.#claims[waiter.ask.rank] = undefined
    this.#nestedTried.delete(waiter)
  }

  /** Whether a class goes out of turn now. */
  lifts(now: number): boolean {
    return this.#lift(now) !== undefined
  }

  /** When a class will have waited too long. */
  get nextLift(): number {
    const waiting = this.#room.nested.length > 0 || this.#ageing.lifted !== undefined || this.#ageing.owing
    if (waiting) return Number.POSITIVE_INFINITY
    return (this.#longestWaiting?.since ?? Number.POSITIVE_INFINITY) + this.#ageMs()
  }

  #lift(now: number) {
    const { lifted } = this.#ageing
    if (lifted !== undefined && this.#room.of(lifted).size > 0) return lifted
    this.#ageing.lower()
    const due = this.#longestWaiting
    if (due === undefined || this.#ageing.owing || due.since + this.#ageMs() > now) return undefined
    this.#ageing.lift(due.ask.rank)
    return due.ask.rank
  }

  /** Of those that are not of the highest priority. */
  get #longestWaiting(): Waiter | undefined {
    const medium = this.#room.of(1).arrivals.oldest
    const low = this.#room.of(2).arrivals.oldest
    if (medium === undefined || low === undefined) return medium ?? low
    return low.since < medium.since ? low : medium
  }
}
