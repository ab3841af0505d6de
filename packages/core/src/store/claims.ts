/** What somebody's refused head has asked others to leave for it. */
export interface Claim {
  readonly holder: number
  readonly rank: number
  readonly amount: number
  readonly until: number
}

/**
 * Who was refused, and waits: others leave room for the first, and the second takes its place. Were nobody next, then
 * whoever always has somebody waiting would claim again each time, and large calls of others come in by chance alone.
 */
export class Claims {
  #first: Claim | undefined
  #next: Claim | undefined

  get none(): boolean {
    return this.#first === undefined
  }

  /** What must be left for others by this holder. */
  against(holder: number, rank: number, now: number): number {
    const first = this.#firstAt(now)
    return first !== undefined && first.holder !== holder && first.rank <= rank ? first.amount : 0
  }

  lay(claim: Claim, now: number): void {
    const first = this.#firstAt(now)
    if (first === undefined || yields(first, claim)) {
      this.#first = claim
      if (this.#next?.holder === claim.holder) this.#next = undefined
    } else if (this.#next === undefined || this.#next.until <= now || yields(this.#next, claim)) {
      this.#next = claim
    }
  }

  /** It has what it waited for, or waits no more. Returns whether others had to leave it anything. */
  giveUp(holder: number): boolean {
    if (this.#next?.holder === holder) this.#next = undefined
    if (this.#first?.holder !== holder) return false
    this.#first = this.#next
    this.#next = undefined
    return true
  }

  #firstAt(now: number): Claim | undefined {
    if (this.#first !== undefined && this.#first.until <= now) {
      this.#first = this.#next !== undefined && this.#next.until > now ? this.#next : undefined
      this.#next = undefined
    }
    return this.#first
  }
}

function yields(standing: Claim, to: Claim): boolean {
  return standing.holder === to.holder || standing.rank > to.rank
}
