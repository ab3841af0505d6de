import type { AnswerTo, Op, Store } from '@plimsoll/core'
import { inFlight, inTurn } from '../measure.ts'
import type { Case } from '../measure.ts'
import { bucketsFor } from './limits.ts'

/** Takes room for calls of so many limits, and settles them. */
class Caller {
  readonly #store: Store
  readonly #buckets
  #id = 0
  #open: number[] = []

  constructor(store: Store, limits: number) {
    this.#store = store
    // Keys of its own: callers of one store do not share what they count, nor their ids.
    this.#buckets = bucketsFor(limits).map((bucket) => ({ ...bucket, key: `${limits} ${bucket.key}` }))
    this.#id = limits * 1e12
  }

  async reserve(): Promise<void> {
    const buckets = this.#buckets
    const id = ++this.#id
    const { kind } = await this.#sent({
      type: 'reserve',
      id,
      buckets,
      amounts: buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : 1_000)),
      leaves: buckets.map(() => 0),
      holder: 0,
      rank: 1,
      claimable: buckets.length,
      leaseMs: 60_000,
    })
    if (kind !== 'granted') throw new Error(`It was not granted: ${kind}.`)
    this.#open.push(id)
  }

  /** The answers to both come in one trip. */
  async reserveAndSettleLast(): Promise<void> {
    const settled = this.#settle(this.#open.pop())
    await this.reserve()
    await settled
  }

  async settleAll(): Promise<void> {
    const open = this.#open
    this.#open = []
    await Promise.all(open.map((id) => this.#settle(id)))
  }

  async #settle(id: number | undefined): Promise<void> {
    if (id === undefined) return
    const amounts = this.#buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : 700))
    await this.#sent({ type: 'settle', id, amounts, refund: true })
  }

  #sent<O extends Op>(op: O): Promise<AnswerTo<O>> {
    return new Promise((resolve) => this.#store.send(op, Date.now(), resolve))
  }
}

export const FOUR_LIMITS = 'plimsoll, 4 limits'
export const LEASED = ', leased, and settled'

/** One after the other. What was reserved is settled between the runs, apart from where that is timed. */
export function reserves(store: Store): Case[] {
  const [one, four] = [new Caller(store, 1), new Caller(store, 4)]
  return [
    { ...inTurn('plimsoll, 1 limit', () => one.reserve()), after: () => one.settleAll() },
    { ...inTurn(FOUR_LIMITS, () => four.reserve()), after: () => four.settleAll() },
    inTurn('plimsoll, 4 limits, with the settle of the call before', () => four.reserveAndSettleLast()),
  ]
}

/** Let in from slices and settled, as lean as whoever asks can be. What is told of them is not waited for. */
export function leasedReserves(store: Store): Case[] {
  return [1, 4].map((limits) => {
    const buckets = bucketsFor(limits).map((bucket) => ({ ...bucket, key: `${limits} ${bucket.key}` }))
    const amounts = buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : 1_000))
    const used = buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : 700))
    const leaves = buckets.map(() => 0)
    const shared = { holder: 0, rank: 1, claimable: limits, leaseMs: 60_000 }
    let id = limits * 1e12
    const once = (): Promise<void> =>
      new Promise((resolve) => {
        const own = ++id
        store.send(
          { type: 'reserve', id: own, buckets, amounts, leaves, ...shared },
          Date.now(),
          ({ kind }) => {
            if (kind !== 'granted') throw new Error(`It was not granted: ${kind}.`)
            store.send({ type: 'settle', id: own, amounts: used, refund: true }, Date.now(), () => {})
            resolve()
          },
        )
      })
    return inTurn(`plimsoll, ${limits === 1 ? '1 limit' : '4 limits'}${LEASED}`, async () => {
      await once()
      // The loop turns now and then, or no slice would be taken anew.
      if (id % 256 === 0) await new Promise((resolve) => setImmediate(resolve))
    })
  })
}

export function reservesAtOnce(store: Store, width: number): Case[] {
  return [1, 4].map((limits) => {
    const caller = new Caller(store, limits)
    const name = limits === 1 ? 'plimsoll, 1 limit' : FOUR_LIMITS
    return { ...inFlight(name, width, () => caller.reserve()), after: () => caller.settleAll() }
  })
}
