import type { Rank } from './waiter.ts'

/** The part of what is granted in turn that lower classes may be granted out of turn. */
const PART = 0.1

/**
 * Gives classes of lower priority a minimum share instead of promoting whoever is old: under a backlog promotion
 * inverts priorities (measured: the median of the highest went from 0 to 1,526 s).
 *
 * Every grant in turn earns credit; while there is any, one class whose oldest has waited too long may place its fair
 * head out of turn, and pays with it.
 */
export class Ageing {
  #credit = 0
  #lifted: Rank | undefined = undefined

  /** The class that may place its head now; kept until that is granted or there is none. */
  get lifted(): Rank | undefined {
    return this.#lifted
  }

  get owing(): boolean {
    return this.#credit < 0
  }

  lift(rank: Rank): void {
    this.#lifted = rank
  }

  lower(): void {
    this.#lifted = undefined
  }

  /** A grant in turn of `cost`, of a bucket that holds `capacity`. */
  earn(cost: number, capacity: number): void {
    const credit = this.#credit + PART * cost
    this.#credit = credit > PART * capacity ? PART * capacity : credit
  }

  spend(cost: number): void {
    this.#credit -= cost
    this.#lifted = undefined
  }
}
