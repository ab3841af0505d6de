import type { AnswerTo, Bucket, Lack, Op, ReserveOp } from '@plimsoll/core'
import { MemoryStore } from '@plimsoll/core/store'

/**
 * The part of every limit that one process may use while the store is lost. It is told all along what this process has
 * used, so that it begins with what is left of its part and not with a whole one.
 */
export class LocalShare {
  readonly #memory = new MemoryStore()
  readonly #share: number
  readonly #scaled = new WeakMap<Bucket, Bucket>()

  constructor(share: number) {
    this.#share = share
  }

  send<O extends Op>(op: O, now: number, done: (answer: AnswerTo<O>) => void): void {
    this.#memory.send(this.#inPart(op), now, (answer) => {
      done(
        op.type === 'reserve' && answer.kind === 'refused'
          ? (this.#notNever(op, answer.lacks) as AnswerTo<O>)
          : answer,
      )
    })
  }

  /** This process has used so much, with the store's permission. */
  used({ id, buckets, leaseMs }: ReserveOp, amounts: readonly number[], now: number): void {
    const none = buckets.map(() => 0)
    const terms = { leaves: none, holder: id, rank: 0, claimable: 0, leaseMs }
    // What takes nothing is always granted; settled, it is charged whatever room there is.
    this.send({ type: 'reserve', id, buckets, amounts: none, ...terms }, now, () => {})
    this.send({ type: 'settle', id, amounts, refund: true }, now, () => {})
  }

  #inPart<O extends Op>(op: O): O {
    if ('buckets' in op) return { ...op, buckets: op.buckets.map((bucket) => this.#part(bucket)) }
    if ('bucket' in op) return { ...op, bucket: this.#part(op.bucket) }
    return op
  }

  #part(bucket: Bucket): Bucket {
    const known = this.#scaled.get(bucket)
    if (known !== undefined) return known
    const { algorithm, capacity, amount } = bucket
    const part = capacity * this.#share
    const scaled = {
      ...bucket,
      // Of slots there is one at least: a call at a time.
      capacity: algorithm === 'slots' ? Math.max(1, Math.floor(part)) : part,
      ...(amount === undefined ? {} : { amount: amount * this.#share }),
    }
    this.#scaled.set(bucket, scaled)
    return scaled
  }

  /** What is too large for a part of a limit may still fit the whole of it, when the store is back. */
  #notNever({ buckets, amounts }: ReserveOp, lacks: readonly Lack[]): AnswerTo<ReserveOp> {
    return {
      kind: 'refused',
      lacks: lacks.map((lack) => ({ ...lack, never: amounts[lack.index]! > buckets[lack.index]!.capacity })),
    }
  }
}
