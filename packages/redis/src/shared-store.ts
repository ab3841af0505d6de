import type {
  AnswerTo,
  LeadOp,
  Op,
  ReservationId,
  ReserveOp,
  Store,
  StoreFailure,
  StoreFallback,
  StoreWatcher,
  Told,
} from '@plimsoll/core'
import type { systemClock } from '@plimsoll/core/store'
import type { LocalShare } from './local-share.ts'
import { Claims } from './leases/claims.ts'
import { Leases } from './leases/leases.ts'
import type { LeaseOp } from './leases/lease-op.ts'
import { withSlices } from './leases/levels.ts'
import type { SliceTerms } from './leases/slice.ts'
import { Missed } from './missed.ts'
import type { Open } from './missed.ts'
import type { RedisScript, Reply } from './redis-script.ts'
import type { Asked, Missed as MissedOp } from './words.ts'

type Clock = typeof systemClock

export interface SharedStoreParts {
  readonly script: RedisScript
  readonly clock: Clock
  readonly timeoutMs: number
  readonly fallback: StoreFallback
  /** Of a `local` fallback. */
  readonly local: LocalShare | undefined
  /** Undefined where every call asks the store. */
  readonly lease: SliceTerms | undefined
}

/** A store that is lost is tried again after this, then after twice as long each time, up to a second. */
const FIRST_TRY_MS = 50
const LAST_TRY_MS = 1_000
/** Where it could not be listened to: those who wait ask by themselves meanwhile, every few seconds. */
const LISTEN_AGAIN_MS = 5_000

/** What is waited for is looked for so often. */
const TIMEOUT_PARTS = 4

type Answer<O extends Op | LeaseOp> = Reply<O>['answer'] | StoreFailure

const DONE = { kind: 'done' } as const
const GRANTED = { kind: 'granted' } as const

/**
 * The store of many processes, and what becomes of calls while it cannot be reached. Nothing waits for it longer than
 * `timeoutMs`; what it has missed it is told before it is asked again.
 */
export class SharedStore implements Store {
  readonly leads = true
  readonly #parts: SharedStoreParts
  readonly #watchers = new Set<StoreWatcher>()
  readonly #missed = new Missed()
  /** Granted by the store, and not over. */
  readonly #open = new Map<ReservationId, Open>()
  /** Granted without it. */
  readonly #loose = new Map<ReservationId, Open>()
  readonly #leases: Leases | undefined
  readonly #claims = new Claims()
  #lostFor: unknown
  #lost = false
  #epoch: string | undefined
  #stopListening: Promise<(() => Promise<void>) | undefined> | undefined

  constructor(parts: SharedStoreParts) {
    this.#parts = parts
    const { lease: terms, clock } = parts
    if (terms === undefined) return
    this.#leases = new Leases({
      terms,
      clock,
      ask: async (op) => (this.#lost ? undefined : this.#asked(op, clock.now())),
      observe: (op, now) => void this.#tell(op, now, () => {}),
      freed: (keys) => this.#freed(keys),
      parted: (open) => this.#open.set(open.reserve.id, open),
    })
  }

  send<O extends Op>(op: O, now: number, done: (answer: AnswerTo<O>) => void): void {
    const answer = done as (answer: AnswerTo<Op>) => void
    if (op.type === 'reserve') {
      if (this.#leases?.reserve(op) !== true) return void this.#reserve(op, now, answer)
      answer(GRANTED)
      const unclaim = this.#claims.toGiveUp(op)
      if (unclaim !== undefined) void this.#tell(unclaim, now, () => {})
    } else if (op.type === 'peek') void this.#peek(op, now, answer)
    else if (op.type === 'lead') void this.#lead(op, now, answer)
    else if (this.#leases === undefined) void this.#tell(op as Told, now, answer)
    else this.#tellLeased(this.#leases, op as Told, now, answer)
  }

  watch(watcher: StoreWatcher): () => void {
    this.#watchers.add(watcher)
    this.#stopListening ??= this.#listen()
    return () => {
      this.#watchers.delete(watcher)
      if (this.#watchers.size > 0) return
      this.#leases?.leave()
      const stopping = this.#stopListening
      this.#stopListening = undefined
      void stopping?.then((stop) => stop?.())
    }
  }

  /** Without being told, whoever waits still asks again in time: only later. */
  async #listen(): Promise<(() => Promise<void>) | undefined> {
    try {
      return await this.#parts.script.listen(
        (keys) => this.#freed(keys),
        () => {},
      )
    } catch {
      this.#parts.clock.timer(LISTEN_AGAIN_MS, () => this.#listenAgain(), true)
      return undefined
    }
  }

  #freed(keys: readonly string[]): void {
    for (const watcher of this.#watchers) watcher.freed(keys)
  }

  #listenAgain(): void {
    if (this.#watchers.size > 0) this.#stopListening = this.#listen()
  }

  async #reserve(op: ReserveOp, now: number, done: (answer: AnswerTo<Op>) => void): Promise<void> {
    if (op.parent !== undefined && this.#leases?.has(op.parent) === true) await this.#leases.part(op.parent)
    if (this.#lost) return this.#instead(op, now, done)
    const answer = await this.#asked(op, now)
    if (answer !== undefined) {
      if (answer.kind === 'granted') this.#open.set(op.id, { reserve: op, acknowledged: false })
      if (this.#leases !== undefined) this.#answeredBeside(this.#leases, op, answer)
      return done(answer)
    }
    // It may have been granted all the same.
    this.#missed.unheard(op.id)
    this.#instead(op, now, done)
  }

  /** What the store's answer means for what this process admits by itself. */
  #answeredBeside(leases: Leases, op: ReserveOp, answer: AnswerTo<ReserveOp>): void {
    if (answer.kind === 'granted') this.#claims.granted(op)
    if (answer.kind !== 'refused') return
    this.#claims.refused(op)
    leases.refused(answer.lacks.map(({ index }) => op.buckets[index]!.key))
  }

  #tellLeased(leases: Leases, op: Told, now: number, done: (answer: AnswerTo<Op>) => void): void {
    if (!('id' in op)) {
      if (leases.about(op)) void this.#tell(op, now, done)
      else done(DONE)
      return
    }
    const reserve = leases.openOf(op.id)
    if (reserve === undefined) return void this.#tell(op, now, done)
    if (op.type === 'settle') this.#parts.local?.used(reserve, usedBy(reserve, op), now)
    leases.told(op, () => done(DONE))
  }

  async #peek(
    op: Extract<Op, { type: 'peek' }>,
    now: number,
    done: (answer: AnswerTo<Op>) => void,
  ): Promise<void> {
    const leases = this.#leases
    const told = leases?.tell()
    const answer = this.#lost ? undefined : await this.#asked(op, now)
    // Answered before, yet perhaps not heard yet.
    await told
    if (leases !== undefined && answer?.kind === 'levels')
      return done(withSlices(op, answer, (key) => leases.free(key)))
    done(answer ?? this.#guess(op, now))
  }

  /** Without the store nobody knows who leads. */
  async #lead(op: LeadOp, now: number, done: (answer: AnswerTo<Op>) => void): Promise<void> {
    const answer = this.#lost ? undefined : await this.#asked(op, now)
    done(answer ?? { kind: 'failure', error: this.#lostFor })
  }

  async #tell(op: Told, now: number, done: (answer: AnswerTo<Op>) => void): Promise<void> {
    if ('id' in op && this.#loose.has(op.id)) {
      this.#tellLoose(op, now)
      return done(DONE)
    }
    this.#missed.tell(op, this.#keepTrack(op, now))
    if (this.#lost) this.#missed.failed(op)
    else {
      const answer = await this.#asked(op, now)
      if (answer === undefined) this.#missed.failed(op)
      else this.#missed.heard(op)
      if (answer !== undefined) return done(answer)
    }
    done(DONE)
  }

  /** Of what the store has granted, what it must be told should it lose it. Returns what this settles. */
  #keepTrack(op: Told, now: number): Open | undefined {
    const { local } = this.#parts
    if (!('id' in op)) {
      // A header is about the whole limit, and says nothing of a part.
      if (op.type !== 'observe') local?.send(op, now, () => {})
      return undefined
    }
    const open = this.#open.get(op.id)
    if (open === undefined) return undefined
    if (op.type === 'acknowledge') open.acknowledged = true
    if (op.type === 'settle') local?.used(open.reserve, usedBy(open.reserve, op), now)
    if (op.type === 'settle' || op.type === 'cancel') this.#open.delete(op.id)
    return op.type === 'settle' ? open : undefined
  }

  #tellLoose(op: Extract<Told, { id: ReservationId }>, now: number): void {
    const open = this.#loose.get(op.id)!
    this.#parts.local?.send(op, now, () => {})
    if (op.type === 'acknowledge') open.acknowledged = true
    if (op.type === 'settle') this.#missed.used(open.reserve.buckets, usedBy(open.reserve, op))
    if (op.type === 'settle' || op.type === 'cancel') this.#loose.delete(op.id)
  }

  /** The answer of a store that cannot be asked. */
  #instead(op: ReserveOp, now: number, done: (answer: AnswerTo<Op>) => void): void {
    const { fallback, local } = this.#parts
    if (fallback === 'closed') return done({ kind: 'failure', error: this.#lostFor })
    let answer: AnswerTo<ReserveOp> = GRANTED
    local?.send(op, now, (given) => {
      answer = given
    })
    if (answer.kind === 'granted') this.#loose.set(op.id, { reserve: op, acknowledged: false })
    done(answer)
  }

  #guess(op: Extract<Op, { type: 'peek' }>, now: number): AnswerTo<Op> {
    const { fallback, local } = this.#parts
    if (fallback === 'closed') return { kind: 'failure', error: this.#lostFor }
    let answer: AnswerTo<Op> = {
      kind: 'levels',
      levels: op.buckets.map(({ capacity }) => ({ available: capacity, capacity, waitMs: 0 })),
    }
    local?.send(op, now, (given) => {
      answer = given
    })
    return answer
  }

  /** Undefined when the store is lost. */
  async #asked<O extends Op | LeaseOp>(op: O, now: number): Promise<Answer<O> | undefined> {
    try {
      const { answer, epoch } = await this.#inTime(op, now)
      // What is told to a store that has lost what it is about has not been told.
      if (this.#isAnother(epoch) && op.type !== 'reserve') return undefined
      return answer
    } catch (error) {
      if (isRefusal(error)) return { kind: 'failure', error }
      this.#lose(error)
      return undefined
    }
  }

  /** Another one than before: it was restarted, and holds nothing of what it had granted. */
  #isAnother(epoch: string | undefined): boolean {
    if (epoch === undefined || epoch === this.#epoch) return false
    const isFirst = this.#epoch === undefined
    this.#epoch = epoch
    if (isFirst) return false
    this.#abandonLeases()
    for (const open of this.#open.values()) this.#missed.adopt(open)
    this.#missed.adoptSettled()
    this.#lose(new Error('The Redis server has lost all that it held.'))
    return true
  }

  /** What was granted here is held there again, one by one, as all else; what was used and not told is charged. */
  #abandonLeases(): void {
    if (this.#leases === undefined) return
    const { open, used } = this.#leases.abandon()
    for (const one of open) this.#open.set(one.reserve.id, one)
    for (const { bucket, amount } of used) this.#missed.used([bucket], [amount])
  }

  #lose(error: unknown): void {
    this.#lostFor = error
    if (this.#lost) return
    this.#lost = true
    for (const watcher of this.#watchers) watcher.lost(this.#parts.fallback, error)
    this.#tryAfter(FIRST_TRY_MS)
  }

  #tryAfter(ms: number): void {
    // Keeps no process alive that has nothing else to do.
    this.#parts.clock.timer(ms, () => void this.#try(Math.min(2 * ms, LAST_TRY_MS)), true)
  }

  async #try(nextMs: number): Promise<void> {
    const { clock } = this.#parts
    const send = async (op: Told | MissedOp | LeaseOp) => {
      try {
        return await this.#inTime(op, clock.now())
      } catch (error) {
        // What it cannot do it will never do: all else must not wait for that.
        if (isRefusal(error)) return { answer: DONE, epoch: undefined }
        throw error
      }
    }
    try {
      const { epoch } = await send({ type: 'hello' })
      this.#isAnother(epoch)
      // What is told of reservations next may be about those that it parts from slices.
      await this.#leases?.deliver(async (op) => (await send(op)).answer)
      do {
        // From here on they are the store's: what is told of them now reaches it after they have.
        for (const [id, open] of this.#loose) {
          this.#loose.delete(id)
          this.#open.set(id, open)
          this.#missed.adopt(open)
          this.#parts.local?.send({ type: 'cancel', id }, clock.now(), () => {})
        }
        await this.#missed.deliver(send)
      } while (this.#missed.size > 0 || this.#loose.size > 0)
    } catch (error) {
      this.#lostFor = error
      return this.#tryAfter(nextMs)
    }
    this.#lost = false
    this.#leases?.resume()
    for (const watcher of this.#watchers) watcher.regained()
  }

  /** A turn of the event loop that takes long counts for one part: what it kept waiting may well have been answered. */
  #inTime<O extends Asked>(op: O, now: number): Promise<Reply<O>> {
    const { clock, script, timeoutMs } = this.#parts
    return new Promise((resolve, reject) => {
      let left = TIMEOUT_PARTS
      let cancel: () => void
      const wait = () => {
        cancel = clock.timer(timeoutMs / TIMEOUT_PARTS, () => {
          left--
          if (left > 0) wait()
          else reject(new Error(`Redis has not answered ${op.type} within ${timeoutMs} ms.`))
        })
      }
      wait()
      void script
        .ask(op, now)
        .then(resolve, reject)
        .finally(() => cancel())
    })
  }
}

/** The script itself has failed: the server is there, and will say the same again. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^ERR .*user_function/.test(error.message)
}

function usedBy({ amounts }: ReserveOp, op: Extract<Told, { type: 'settle' }>): readonly number[] {
  return op.refund ? op.amounts : op.amounts.map((amount, index) => Math.max(amount, amounts[index]!))
}
