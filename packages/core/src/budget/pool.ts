import type { PlimsollError } from '../call/errors.ts'
import { Alarm } from '../time/alarm.ts'
import type { Lack, ReserveAnswer, StoreFailure } from '../store/port.ts'
import type { Admitter } from './admitter.ts'
import type { ChargeLine, Charges } from './charges.ts'
import { DrainRate } from './drain-rate.ts'
import { expectedWait } from './expected-wait.ts'
import type { Expected } from './expected-wait.ts'
import { HigherUse } from './higher-use.ts'
import { PredictedWait } from './predicted-wait.ts'
import type { QueueOptions } from './queue-options.ts'
import { deadlineExceeded, queueFull, storeUnavailable, tooLarge, waitTooLong } from './refusals.ts'
import { StoreRest } from './store-rest.ts'
import { Turns } from './turns.ts'
import type { Turn } from './turns.ts'
import { WaitingRoom } from './waiting-room.ts'
import type { Ask, Rank, Waiter } from './waiter.ts'

/** How often one that waits for what no clock brings (a slot) asks anyway: it keeps its claim, and finds lost leases. */
const RENEW_MS = 2_500
/** Less is lost in a Unix time, which has 52 bits for everything: who waits for it would ask again at once, for ever. */
const LEAST_WAIT_MS = 0.01
/**
 * The queue before one set of limits that targets share. It asks the store for its foremost waiter only, one question
 * at a time, and holds the rest until that one is in: so a large call is not starved by small ones behind it, and an
 * answer that comes late cannot admit two for the same room.
 */
export class Pool {
  readonly name: string
  readonly room: WaitingRoom
  readonly drain = new DrainRate()
  readonly #holder: number
  #options: QueueOptions
  readonly #admitter: Admitter
  #lines: readonly ChargeLine[]
  #prediction = new PredictedWait()
  #higher: HigherUse
  readonly #turns: Turns
  readonly #alarm: Alarm
  /** For whom the store holds our claim. */
  #claimant: Waiter | undefined
  #asking: Turn | undefined
  #admitting = false
  /** Something changed while a question was out, or while admitting: ask afresh. */
  #changed = false
  #blockedUntil = Number.POSITIVE_INFINITY
  /** The bucket that was last lacking. */
  #lacking: string
  readonly #storeRest = new StoreRest()

  constructor(name: string, lines: readonly ChargeLine[], options: QueueOptions, admitter: Admitter) {
    this.name = name
    this.#lines = lines
    this.#options = options
    this.#admitter = admitter
    this.#holder = admitter.nextId()
    this.#higher = new HigherUse(lines)
    this.#lacking = name
    this.room = new WaitingRoom((tenant) => this.#options.weight(tenant), admitter.runs)
    this.#turns = new Turns(this.room, () => this.#options.ageMs)
    this.#alarm = new Alarm(admitter.clock, () => this.changed(admitter.now()))
  }

  get lines(): readonly ChargeLine[] {
    return this.#lines
  }

  get prediction(): PredictedWait {
    return this.#prediction
  }

  /** Its limits are others now; whoever waits is to be taken out and to enter again. */
  configure(lines: readonly ChargeLine[], options: QueueOptions): void {
    this.#options = options
    const same =
      lines.length === this.#lines.length &&
      lines.every(({ bucket }, index) => bucket.key === this.#lines[index]!.bucket.key)
    this.#lines = lines
    this.#higher = new HigherUse(lines)
    // What was learnt is by the place of each limit.
    if (!same) this.#prediction = new PredictedWait()
  }

  /** Everyone who waits but the one that the store is being asked for, who keeps what it was asked for with. */
  takeOut(now: number): Waiter[] {
    const everyone = [...this.room.all()].filter((waiter) => this.#asking?.waiter !== waiter)
    for (const waiter of everyone) this.#remove(waiter, now)
    return everyone
  }

  /** Grants it at once where there is room and nobody before it; else it waits, or is refused. */
  submit(waiter: Waiter, now: number): void {
    const foremost = this.room.nobodyBefore(waiter.ask)
    // Nor may it overtake a class that has waited too long.
    const first = foremost && (waiter.ask.parent !== undefined || !this.#turns.lifts(now))
    const free = this.#asking === undefined && !this.#admitting && !this.#storeRest.isResting(now)
    if (!first || !free || this.room.parking.blocking(waiter) !== undefined) {
      if (!this.#enter(waiter, now)) return
      return foremost ? this.changed(now) : this.#setAlarm(now)
    }
    const turn: Turn = { waiter, lifted: false }
    const answer = this.#ask(turn, now)
    if (answer?.kind === 'granted') return this.#grant(turn, now)
    if (!this.#enter(waiter, now)) {
      if (answer?.kind === 'refused') this.#unclaim(waiter, now)
      return
    }
    if (answer === undefined) return this.#setAlarm(now)
    if (this.#answered(turn, answer, now)) this.#admit(now)
    else this.#setAlarm(now)
  }

  /** The caller of `waiter` has left. */
  leave(waiter: Waiter, now: number): void {
    const held = this.#claimant === waiter || this.#turns.isClaim(waiter)
    this.#remove(waiter, now)
    if (held) this.changed(now)
    else this.#setAlarm(now)
  }

  /** Something was given back to these buckets. */
  freed(keys: readonly string[], now: number): void {
    if (this.room.size === 0) return
    for (const key of keys) this.room.parking.freed(key)
    this.changed(now)
  }

  /** Another process gave something back to these buckets. */
  freedElsewhere(keys: readonly string[], now: number): void {
    const waitsFor = (key: string) =>
      this.room.parking.has(key) || this.#lines.some(({ bucket }) => bucket.key === key)
    if (keys.some(waitsFor)) this.freed(keys, now)
  }

  /** Whoever was refused may now have a chance. */
  changed(now: number): void {
    this.#changed = true
    if (this.#admitting) return
    if (this.#asking === undefined) return this.#admit(now)
    this.#expire(now)
    this.#setAlarm(now)
  }

  /** Turns away everyone who waits. */
  rejectAll(error: () => PlimsollError, now: number): void {
    const everyone = [...this.room.all()]
    for (const waiter of everyone) {
      this.#remove(waiter, now)
      this.#reject(waiter, 'caller', 'close', error())
    }
    this.#alarm.clear()
  }

  /** Turns away whoever waits for a target that may not be called any more. */
  sendAway(now: number): void {
    const everyone = [...this.room.all()]
    for (const waiter of everyone) {
      const error = this.#admitter.closedOff(waiter.ask)
      if (error === undefined) continue
      this.#remove(waiter, now)
      this.#reject(waiter, 'target', error.code, error)
    }
    this.changed(now)
  }

  #admit(now: number): void {
    this.#admitting = true
    do {
      if (this.#changed) {
        this.#changed = false
        this.#blockedUntil = Number.POSITIVE_INFINITY
        this.#turns.restart()
      }
      this.#expire(now)
      while (this.#asking === undefined && this.#admitNext(now));
    } while (this.#changed && this.#asking === undefined)
    this.#admitting = false
    this.#setAlarm(now)
  }

  /** Whether to go on with the next. */
  #admitNext(now: number): boolean {
    if (this.#storeRest.isResting(now)) return false
    for (
      let back = this.room.parking.release(now);
      back !== undefined;
      back = this.room.parking.release(now)
    ) {
      this.room.takePlace(back)
    }
    const turn = this.#turns.next(now)
    if (turn === undefined) return false
    // One that came before a probe was sent is not to follow it.
    const closedOff = this.#admitter.closedOff(turn.waiter.ask)
    if (closedOff !== undefined) {
      this.#remove(turn.waiter, now)
      this.#reject(turn.waiter, 'target', closedOff.code, closedOff)
      return true
    }
    const lot = this.room.parking.blocking(turn.waiter)
    if (lot !== undefined) {
      this.#park(turn.waiter, lot, Number.POSITIVE_INFINITY)
      return true
    }
    const answer = this.#ask(turn, now)
    return answer !== undefined && this.#answered(turn, answer, now)
  }

  /** The answer, or `undefined` when it will come later. */
  #ask(turn: Turn, now: number): ReserveAnswer | StoreFailure | undefined {
    const { waiter, lifted } = turn
    const { plan, amounts, rank, parent } = waiter.ask
    const asRank = lifted || parent !== undefined ? 0 : rank
    const leaves = this.#leaves(asRank, waiter.ask, now)
    const id = this.#admitter.nextId()
    waiter.askedAs = id
    this.#asking = turn
    let answer: ReserveAnswer | StoreFailure | undefined
    let returned = false
    this.#admitter.store.send(
      {
        type: 'reserve',
        id,
        buckets: plan.buckets,
        amounts,
        leaves,
        holder: this.#holder,
        rank: asRank,
        claimable: plan.claimable,
        leaseMs: this.#admitter.storeLeaseMs,
        parent,
      },
      now,
      (given) => {
        if (returned) this.#answeredLate(turn, given)
        else answer = given
      },
    )
    returned = true
    if (answer !== undefined) this.#asking = undefined
    return answer
  }

  /** What must stay of each bucket for higher priorities. */
  #leaves(rank: Rank, { plan, amounts }: Charges, now: number): number[] {
    return amounts.map((amount, index) =>
      index < plan.claimable ? this.#higher.leave(rank, index, amount, now) : 0,
    )
  }

  #answeredLate(turn: Turn, answer: ReserveAnswer | StoreFailure): void {
    this.#asking = undefined
    const now = this.#admitter.now()
    const { waiter } = turn
    if (waiter.state !== 'queued') {
      // It left while it was asked for: what came of it is undone.
      if (answer.kind === 'refused') this.#unclaim(waiter, now)
      else this.#admitter.sendSurely({ type: 'cancel', id: waiter.askedAs }, now)
      this.#changed = true
    } else if (!this.#answered(turn, answer, now) && !this.#changed) {
      return this.#setAlarm(now)
    }
    if (!this.#admitting) this.#admit(now)
  }

  /** Whether somebody else may be asked for now. */
  #answered(turn: Turn, answer: ReserveAnswer | StoreFailure, now: number): boolean {
    if (answer.kind === 'failure') return this.#storeFailed(turn.waiter, answer.error, now)
    this.#storeRest.answered()
    if (answer.kind === 'refused') return this.#refused(turn, answer.lacks, now)
    this.#grant(turn, now)
    return true
  }

  #grant(turn: Turn, now: number): void {
    const { waiter } = turn
    const { ask } = waiter
    if (waiter.inside) this.#prediction.granted(ask.rank, waiter.predictedMs, now - waiter.since)
    const line = this.room.grant(waiter)
    this.#turns.granted(turn, this.#capacity(ask.cost))
    if (this.#claimant === waiter) this.#claimant = undefined
    this.#higher.granted(ask.rank, ask.amounts, now)
    this.drain.granted(now)
    if (ask.run !== undefined && this.#admitter.runs.begin(ask.run)) this.room.begin(ask.run, ask.tenant)
    this.#admitter.granted(waiter, line, now)
  }

  #refused(turn: Turn, lacks: readonly Lack[], now: number): boolean {
    const { waiter } = turn
    const { plan, amounts } = waiter.ask
    const never = lacks.find((lack) => lack.never)
    if (never !== undefined) {
      const line = plan.lines[never.index]!
      this.#remove(waiter, now)
      this.#reject(
        waiter,
        line.budget ? 'caller' : 'target',
        line.bucket.key,
        tooLarge(line, amounts[never.index]!),
      )
      return true
    }
    const own = longest(lacks.filter((lack) => lack.index >= plan.claimable))
    if (own !== undefined) {
      const line = plan.lines[own.index]!
      // There was room for it when it came, and others of the same budget were before it: it fares as had it come now.
      if (comesBy(line, own) > waiter.ask.deadline - now) {
        this.#remove(waiter, now)
        this.#reject(waiter, 'caller', line.bucket.key, waitTooLong(line.bucket.key, own.waitMs))
        return true
      }
      // Only what the pool itself lacks may hold up the others.
      this.#park(waiter, line.bucket.key, now + waitOf(own))
      return true
    }
    const lack = longest(lacks)!
    this.#claimant = waiter
    this.#lacking = plan.buckets[lack.index]!.key
    this.#blockedUntil = Math.min(this.#blockedUntil, now + waitOf(lack))
    return this.#turns.refused(turn)
  }

  #park(waiter: Waiter, key: string, wakeAt: number): void {
    this.#turns.left(waiter)
    this.room.park(waiter, key, wakeAt)
  }

  #storeFailed(waiter: Waiter, error: unknown, now: number): boolean {
    this.#admitter.storeFailed(error)
    // What it did with the question nobody knows: had it granted it, that is given back.
    this.#admitter.sendSurely({ type: 'cancel', id: waiter.askedAs }, now)
    const restMs = this.#storeRest.failed(now)
    if (restMs === undefined) return false
    this.#remove(waiter, now)
    this.#reject(waiter, 'caller', 'store', storeUnavailable(this.name, restMs, error))
    return true
  }

  /** False when it was turned away. */
  #enter(waiter: Waiter, now: number): boolean {
    if (this.room.size >= this.#options.maxWaiting && !this.#makeRoom(waiter, now)) return false
    // Before it enters, or it would wait for itself.
    this.#predict(waiter, now)
    if (waiter.state !== 'queued') return false
    this.room.enter(waiter)
    return true
  }

  /** When full, the last to come of the lowest priority goes. */
  #makeRoom(waiter: Waiter, now: number): boolean {
    const least = this.room.leastWorthy
    const victim = least !== undefined && least.ask.rank > waiter.ask.rank ? least : waiter
    this.#remove(victim, now)
    this.#reject(
      victim,
      'target',
      'queue',
      queueFull(this.name, this.#options.maxWaiting, this.#untilUnblocked(now)),
    )
    return victim !== waiter
  }

  /** `done` may be called later, where the store is not in memory. */
  expect(ask: Ask, now: number, done: (expected: Expected | undefined) => void): void {
    const options = {
      room: this.room,
      prediction: this.#prediction,
      higher: this.#higher,
      leaves: this.#leaves(ask.parent === undefined ? ask.rank : 0, ask, now),
      store: this.#admitter.store,
      refuse: this.#options.refuse,
    }
    expectedWait(ask, now, options, done)
  }

  #predict(waiter: Waiter, now: number): void {
    this.expect(waiter.ask, now, (expected) => {
      if (expected === undefined || waiter.state !== 'queued') return
      const { waitMs, baseMs, slowest } = expected
      const isBack = waiter.predictedMs >= 0
      waiter.predictedMs = Math.round(baseMs)
      if (!(now + waitMs > waiter.ask.deadline)) {
        if (!isBack) this.#admitter.entered(waiter, waitMs)
        return
      }
      const limit = slowest?.bucket.key ?? this.name
      this.#remove(waiter, now)
      this.#reject(waiter, slowest?.budget === true ? 'caller' : 'target', limit, waitTooLong(limit, waitMs))
    })
  }

  #expire(now: number): void {
    for (let waiter = this.room.nextToExpire; waiter !== undefined; waiter = this.room.nextToExpire) {
      if (waiter.ask.deadline > now) return
      const limit = waiter.lot ?? this.#lacking
      const line = waiter.ask.plan.lines.find(({ bucket }) => bucket.key === limit)
      const error = deadlineExceeded(limit, now - waiter.since, this.#untilUnblocked(now))
      this.#remove(waiter, now)
      this.#reject(waiter, line?.budget === true ? 'caller' : 'target', limit, error)
    }
  }

  #reject(waiter: Waiter, side: 'target' | 'caller', by: string, error: PlimsollError): void {
    waiter.reject(side, by, error)
    this.#admitter.rejected(waiter)
  }

  #remove(waiter: Waiter, now: number): void {
    this.room.leave(waiter)
    this.#turns.left(waiter)
    if (this.#claimant === waiter) this.#unclaim(waiter, now)
  }

  #unclaim(waiter: Waiter, now: number): void {
    this.#claimant = undefined
    const { buckets } = waiter.ask.plan
    // Sent once: a claim that stays behind runs out by itself.
    this.#admitter.store.send({ type: 'unclaim', holder: this.#holder, buckets }, now, (answer) => {
      if (answer.kind === 'failure') this.#admitter.storeFailed(answer.error)
    })
  }

  /** What the pool's tightest bucket holds, in tokens, for calls of this cost. */
  #capacity(cost: number): number {
    let capacity = Number.POSITIVE_INFINITY
    for (const { unit, bucket } of this.#lines) {
      if (bucket.capacity === Number.POSITIVE_INFINITY) continue
      const counted = unit === 'requests' || unit === 'slots'
      capacity = Math.min(capacity, counted ? bucket.capacity * cost : bucket.capacity)
    }
    return capacity
  }

  #untilUnblocked(now: number): number {
    const wait = this.#blockedUntil - now
    return Number.isFinite(wait) ? Math.max(0, wait) : RENEW_MS
  }

  #setAlarm(now: number): void {
    if (this.room.size === 0) return this.#alarm.clear()
    this.#alarm.set(Math.min(this.room.nextDeadline, this.#nextChance(now)), now)
  }

  #nextChance(now: number): number {
    // While a question is out nobody else is asked for; its answer sets the alarm again.
    if (this.#asking !== undefined) return Number.POSITIVE_INFINITY
    if (this.#storeRest.isResting(now)) return this.#storeRest.until
    return Math.min(this.#blockedUntil, this.room.parking.nextWake, this.#turns.nextLift)
  }
}

function longest(lacks: readonly Lack[]): Lack | undefined {
  let most: Lack | undefined
  for (const lack of lacks) if (most === undefined || lack.waitMs > most.waitMs) most = lack
  return most
}

/** In how many ms at the earliest; when a slot comes free the store does not know. */
function comesBy({ unit }: ChargeLine, { waitMs }: Lack): number {
  return unit === 'slots' && !Number.isFinite(waitMs) ? 0 : waitMs
}

function waitOf({ waitMs }: Lack): number {
  return Number.isFinite(waitMs) ? Math.max(waitMs, LEAST_WAIT_MS) : RENEW_MS
}
