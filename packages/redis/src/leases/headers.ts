import type { Op } from '@plimsoll/core'

export type ObserveOp = Extract<Op, { type: 'observe' }>

/** What headers said last of each limit: of many answers the last word counts. */
export class Headers {
  readonly #last = new Map<string, { readonly op: ObserveOp; readonly at: number }>()

  get size(): number {
    return this.#last.size
  }

  note(op: ObserveOp, now: number): void {
    const { key } = op.bucket
    const before = this.#last.get(key)
    // Answers come in another order than their calls were sent.
    if (before !== undefined && now - op.ageMs < before.at - before.op.ageMs) return
    this.#last.set(key, { op, at: now })
  }

  /** Each as old as it is by now; nothing is left. */
  take(now: number): ObserveOp[] {
    const ops = Array.from(this.#last.values(), ({ op, at }) => ({ ...op, ageMs: op.ageMs + now - at }))
    this.#last.clear()
    return ops
  }
}
