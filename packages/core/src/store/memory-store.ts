import { Changes } from './changes.ts'
import { Held } from './held.ts'
import { Leads } from './leads.ts'
import { LeaseList } from './lease-list.ts'
import type { Meter } from './meter.ts'
import { Meters } from './meters.ts'
import type {
  AnswerTo,
  Bucket,
  Lack,
  Level,
  Op,
  ReservationId,
  ReserveAnswer,
  ReserveOp,
  Store,
} from './port.ts'
import { lastIds, resume } from './resume.ts'
import type { SavedStore, StoreChanges } from './saved.ts'

const GRANTED: ReserveAnswer = { kind: 'granted' }
const DONE = { kind: 'done' } as const

type PeekOp = Extract<Op, { type: 'peek' }>

/** A claim outlives the wait it was laid for by this much, so that its holder can ask again in time. */
const CLAIM_GRACE_MS = 1_000

export interface MemoryStoreOptions {
  /**
   * How many buckets are kept. Above it those that are full and in nobody's use go first, then the budget that has
   * most left. @defaultValue 100_000
   */
  readonly maxKeys?: number
  /** A budget was forgotten although it was in part used: it starts anew. */
  readonly onForgotten?: (key: string) => void
  /**
   * Goes on from what a store of an earlier process has saved, and keeps account of what changes from then on. Reservations
   * of then are held until their leases end; nobody is left to settle them. @defaultValue begins with nothing, and keeps none
   */
  readonly resumed?: { readonly saved: SavedStore; readonly now: number }
}

/** Limits and reservations of one process, in memory. Every operation is done before `send` returns. */
export class MemoryStore implements Store {
  readonly #meters: Meters
  readonly #held = new Map<ReservationId, Held>()
  readonly #leases = new LeaseList<Held>()
  readonly #leads = new Leads()
  /** Only where somebody takes them. */
  readonly #changes: Changes | undefined

  constructor({ maxKeys = 100_000, onForgotten = () => {}, resumed }: MemoryStoreOptions = {}) {
    const onChanged = resumed === undefined ? undefined : (meter: Meter) => this.#changes?.bucket(meter)
    this.#meters = new Meters({ maxKeys, onForgotten, onChanged })
    if (resumed === undefined) return
    const { saved, now } = resumed
    this.#changes = new Changes({
      ...lastIds(saved),
      known: (key) => this.#meters.known(key),
      isOpen: (held) => this.#held.get(held.id) === held,
    })
    for (const { held, leaseUntil } of resume(saved, now, { meters: this.#meters, changes: this.#changes })) {
      this.#held.set(held.id, held)
      this.#leases.add(held, leaseUntil)
    }
  }

  /**
   * What has changed since this was last asked, to be saved: undefined when nothing has, or no account is kept.
   * Whoever takes it is to see that it is saved before anything that is taken later.
   */
  takeChanges(): StoreChanges | undefined {
    return this.#changes?.take()
  }

  /** Reservations that are open: for tests of what leaks. */
  get open(): number {
    return this.#held.size
  }

  get buckets(): number {
    return this.#meters.size
  }

  send<O extends Op>(op: O, now: number, done: (answer: AnswerTo<O>) => void): void {
    this.#changes?.at(now)
    this.#expire(now)
    done(this.#do(op, now) as AnswerTo<O>)
  }

  #do(op: Op, now: number): AnswerTo<Op> {
    switch (op.type) {
      case 'reserve':
        return this.#reserve(op, now)
      case 'acknowledge':
        this.#touched(op.id)?.acknowledge(now)
        return DONE
      case 'settle':
        this.#close(op.id)?.settle(now, op.amounts, op.refund)
        return DONE
      case 'cancel':
        this.#close(op.id)?.cancel(now)
        return DONE
      case 'release-slots':
        this.#touched(op.id)?.closeSlots(now)
        return DONE
      case 'refresh':
        this.#refresh(op.id, now)
        return DONE
      case 'unclaim':
        this.#unclaim(op.holder, op.buckets)
        return DONE
      case 'lead':
        return this.#leads.lead(op, now)
      case 'unlead':
        this.#leads.unlead(op, now)
        return DONE
      case 'pause':
        for (const [index, bucket] of op.buckets.entries()) {
          this.#meter(bucket, now).pause(now, op.forMs, op.largest[index] ?? 0)
        }
        return DONE
      case 'observe':
        this.#meter(op.bucket, now).told(now, op)
        return DONE
      case 'resize':
        this.#meter(op.bucket, now).resize(now, op.bucket)
        return DONE
      case 'forget':
        for (const key of op.keys) this.#meters.forget(key)
        return DONE
      case 'forget-holder':
        this.#meters.forgetHolder(op.holder)
        return DONE
      case 'peek':
        return { kind: 'levels', levels: op.buckets.map((_, index) => this.#level(op, index, now)) }
    }
  }

  #reserve(op: ReserveOp, now: number): ReserveAnswer {
    const { buckets, amounts, leaves } = op
    const parent = op.parent === undefined ? undefined : this.#held.get(op.parent)
    const lender = parent?.lenderOf(({ bucket }) => buckets.some(({ key }) => key === bucket.key))
    const meters = buckets.map((bucket) => this.#meters.of(bucket, now))
    const taken = lender === undefined ? amounts : amounts.slice()
    let lacks: Lack[] | undefined
    for (let index = 0; index < buckets.length; index++) {
      const meter = meters[index]!
      if (lender !== undefined && meter.isSlots && lender.meters.includes(meter)) {
        ;(taken as number[])[index] = 0
        continue
      }
      const leave = leaves[index]! + meter.claims.against(op.holder, op.rank, now)
      // What takes nothing lacks nothing: a free model is not held up by a budget that is spent.
      if (amounts[index] === 0) continue
      if (meter.fits(now, amounts[index]!, leave)) continue
      lacks ??= []
      const never = amounts[index]! > meter.bucket.capacity
      lacks.push({
        index,
        never,
        waitMs: never ? Number.POSITIVE_INFINITY : meter.waitMs(now, amounts[index]!, leave),
      })
    }
    if (lacks !== undefined) {
      this.#claim(op, meters, lacks, now)
      return { kind: 'refused', lacks }
    }
    for (let index = 0; index < meters.length; index++) {
      const meter = meters[index]!
      meter.hold(now, taken[index]!)
      meter.claims.giveUp(op.holder)
    }
    const held = new Held(op, meters, { amounts: taken, parent, lender })
    this.#held.set(op.id, held)
    this.#leases.add(held, now + op.leaseMs)
    this.#changes?.reservation(held)
    return GRANTED
  }

  /** Only what lacks nothing but claimable buckets may hold others up. */
  #claim(op: ReserveOp, meters: readonly Meter[], lacks: readonly Lack[], now: number): void {
    if (lacks.some((lack) => lack.index >= op.claimable)) return
    const longest = Math.max(...lacks.map((lack) => (Number.isFinite(lack.waitMs) ? lack.waitMs : 0)))
    const terms = { holder: op.holder, rank: op.rank, until: now + longest + CLAIM_GRACE_MS }
    for (let index = 0; index < op.claimable; index++) {
      meters[index]!.claims.lay({ ...terms, amount: op.amounts[index]! }, now)
    }
  }

  #unclaim(holder: number, buckets: readonly Bucket[]): void {
    for (const bucket of buckets) this.#meters.known(bucket.key)?.claims.giveUp(holder)
  }

  /** One that is about to change. */
  #touched(id: ReservationId): Held | undefined {
    const held = this.#held.get(id)
    if (held !== undefined) this.#changes?.reservation(held)
    return held
  }

  #meter(bucket: Bucket, now: number): Meter {
    const meter = this.#meters.of(bucket, now)
    this.#changes?.bucket(meter)
    return meter
  }

  #close(id: ReservationId): Held | undefined {
    const held = this.#touched(id)
    if (held === undefined) return undefined
    this.#held.delete(id)
    this.#leases.remove(held)
    return held
  }

  #refresh(id: ReservationId, now: number): void {
    const held = this.#touched(id)
    if (held === undefined) return
    this.#leases.remove(held)
    this.#leases.add(held, now + held.leaseMs)
  }

  /** Whoever held these is gone: their estimates stand, their slots are free. */
  #expire(now: number): void {
    for (
      let held = this.#leases.first;
      held !== undefined && held.leaseUntil <= now;
      held = this.#leases.first
    ) {
      this.#close(held.id)?.settle(now, held.amounts, false)
    }
  }

  #level({ buckets, amounts, leaves }: PeekOp, index: number, now: number): Level {
    const bucket = buckets[index]!
    const meter = this.#meters.peek(bucket, now)
    const amount = amounts[index]!
    const leave = leaves[index]!
    const waitMs = amount === 0 || meter.fits(now, amount, leave) ? 0 : meter.waitMs(now, amount, leave)
    return {
      available: now < meter.pausedUntil ? 0 : meter.room(now),
      capacity: meter.bucket.capacity,
      waitMs,
    }
  }
}
