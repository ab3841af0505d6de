import type { Priority } from './attributes.ts'

const RANK: Readonly<Record<Priority, number>> = { high: 0, medium: 1, low: 2 }

/** How soon a call is wanted, where several share it: as soon as the one who wants it soonest, and as long as any. */
export class Urgency {
  priority: Priority
  deadline: number
  readonly #listeners = new Set<() => void>()

  constructor(priority: Priority, deadline: number) {
    this.priority = priority
    this.deadline = deadline
  }

  /** 0 is the highest. */
  get rank(): number {
    return RANK[this.priority]
  }

  /** Another joins it. */
  raise(priority: Priority, deadline: number): void {
    const isRaised = RANK[priority] < RANK[this.priority]
    if (!isRaised && deadline <= this.deadline) return
    if (isRaised) this.priority = priority
    this.deadline = Math.max(this.deadline, deadline)
    for (const listener of this.#listeners) listener()
  }

  /** Returns how to stop listening. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
