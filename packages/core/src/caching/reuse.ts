import { randomBytes, randomUUID } from 'node:crypto'
import { lru } from '../structures/lru.ts'
import type { Call, CallState } from '../call/call.ts'
import type { PlimsollError } from '../call/errors.ts'
import type { Events } from '../call/events.ts'
import type { Outcome, Reply } from '../call/outcome.ts'
import type { Next, Policy, Step } from '../call/policy.ts'
import type { Store } from '../store/port.ts'
import type { Clock } from '../time/clock.ts'
import { Answers } from './answers.ts'
import type { Kept } from './answers.ts'
import type { CacheConfig, TaskCache } from './cache-config.ts'
import { cipherOf, NO_CIPHER } from './cipher.ts'
import type { Claim } from './claim.ts'
import { Epochs } from './epochs.ts'
import { Flight } from './flight.ts'
import { GuardedStore } from './guarded-store.ts'
import { identify, isAlone, prefixOf } from './identity.ts'
import type { Identity, ReusableTask } from './identity.ts'
import { ALL, Keys } from './keys.ts'
import { Leaders } from './leaders.ts'
import { Levels } from './levels.ts'
import type { Near } from './nearest.ts'
import { Semantic } from './semantic.ts'
import type { Looked } from './semantic.ts'
import { Shelf } from './shelf.ts'

const MAX_ENTRIES = 10_000
const MAX_BYTES = 64 * 2 ** 20
const MAX_ENTRY_BYTES = 2 ** 20
const DEADLINE_MS = 200
/** After a refresh that brought nothing, the next one waits as long: a provider that fails is not asked with every call. */
const REFRESH_AGAIN_MS = 5_000

export interface ReuseOptions {
  readonly config: CacheConfig
  readonly clock: Clock
  readonly now: () => number
  readonly events: Events
  /** Of limits and budgets: it may know who, of all processes, asks the same. */
  readonly limits: Store
  /** What is decided about the task of a call; `undefined` where nothing is. */
  readonly taskOf: (call: Call<unknown>) => ReusableTask | undefined
  /** Counts an answer that cost nothing where a budget wants that, and says why it may not be given. */
  readonly onHit: (call: Call<unknown>) => Promise<PlimsollError | undefined>
  /** Begins a call like this one that nobody waits for, with a record of its own. */
  readonly inBackground: <T>(call: Call<T>, step: Step) => void
}

type Serve<T> = (call: Call<T>) => Outcome<T> | undefined

/** Answers from what was answered before, and lets those share one call who ask the same at the same time. */
export class Reuse implements Policy {
  readonly name = 'reuse'
  readonly #options: ReuseOptions
  readonly #keys: Keys
  readonly #epochs: Epochs
  readonly #levels: Levels
  readonly #answers: Answers
  readonly #semantic: Semantic
  /** Where other processes would find what this one keeps. */
  readonly #leaders: Leaders | undefined
  readonly #flights = new Map<string, Flight<unknown>>()
  readonly #refreshed = lru<number>(MAX_ENTRIES)
  /** Of calls under way, for `staleOf`. */
  readonly #identities = new WeakMap<CallState, Identity>()

  constructor(options: ReuseOptions) {
    const { config, clock, now, events, limits } = options
    const { secret = randomBytes(32), deadlineMs = DEADLINE_MS, maxEntryBytes = MAX_ENTRY_BYTES } = config
    this.#options = options
    const onFailed: Answers['failed'] = (op, error) => this.#answers.failed(op, error)
    const store = config.store && new GuardedStore({ store: config.store, clock, now, deadlineMs, onFailed })
    this.#keys = new Keys(secret)
    this.#epochs = new Epochs({ store, now, newEpoch: randomUUID })
    const { maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES, encryptionKey } = config
    const cipher = encryptionKey === undefined ? NO_CIPHER : cipherOf(encryptionKey)
    this.#levels = new Levels({ maxEntries, maxBytes, maxEntryBytes, store, cipher })
    this.#answers = new Answers({ clock, now, events, levels: this.#levels })
    this.#semantic = new Semantic({ clock, keys: this.#keys, onFailed })
    if (store !== undefined && limits.leads === true)
      this.#leaders = new Leaders({
        clock,
        now,
        deadlineMs,
        store: limits,
        levels: this.#levels,
        answers: this.#answers,
      })
  }

  run<T>(call: Call<T>, next: Next<T>): Promise<Outcome<T>> {
    const task = this.#options.taskOf(call)
    return task === undefined || isAlone(call, task) ? next(call) : this.#answered(call, task, next)
  }

  async #answered<T>(call: Call<T>, task: ReusableTask, next: Next<T>): Promise<Outcome<T>> {
    const outcome = await this.#reuse(call, task, next)
    return outcome.kind === 'ok' ? this.#counted(call, outcome) : outcome
  }

  /** The kept answer to this call, however old within its task's `staleIfErrorMs`. For the rung `'stale'`. */
  async staleOf<T>(call: Call<T>): Promise<Reply<T> | undefined> {
    const { key, cache } = this.#identities.get(call.state) ?? {}
    if (key === undefined || cache === undefined) return undefined
    const kept = this.#answers.inMemory(key, cache) ?? (await this.#answers.inStore(key, cache))
    return kept && this.#answers.reply(call, key, kept)
  }

  /** Nothing that is kept for this tenant is served any more; without one, nothing at all. */
  async purge(tenant?: string): Promise<void> {
    const holder = tenant === undefined ? ALL : this.#keys.holder(tenant)
    this.#levels.dropAll(holder === ALL ? '' : prefixOf(holder))
    await this.#epochs.renew(holder)
  }

  /** What a host looks up and keeps by itself, beside what the tasks keep. */
  get shelf(): Shelf {
    const { clock } = this.#options
    return new Shelf({
      clock,
      keys: this.#keys,
      epochs: this.#epochs,
      levels: this.#levels,
      answers: this.#answers,
    })
  }

  /** Resolves when the store has taken all that is kept, and others have been told. */
  async idle(): Promise<void> {
    await this.#levels.idle()
    await this.#leaders?.idle()
  }

  /** Nothing waits for other processes any more. */
  close(): void {
    this.#leaders?.close()
  }

  /** What a rung gives is no hit: it stands in for an answer. */
  async #counted<T>(call: Call<T>, outcome: Extract<Outcome<T>, { kind: 'ok' }>): Promise<Outcome<T>> {
    const { value, marks } = outcome.reply
    if (marks.cache === undefined || marks.degraded !== undefined) return outcome
    const error = await this.#options.onHit(call)
    if (error === undefined) return outcome
    const parts = call.host.parts(value)
    // It reads no more of what others are reading.
    if (parts.kind === 'stream') void parts.source.return?.()?.catch(() => {})
    call.state.firstContentAt = undefined
    return { kind: 'rejected', side: 'caller', by: error.limit ?? error.code, error }
  }

  async #reuse<T>(call: Call<T>, task: ReusableTask, next: Next<T>): Promise<Outcome<T>> {
    let identity: Identity | undefined
    try {
      identity = await identify(call, task, { keys: this.#keys, epochs: this.#epochs })
    } catch (error) {
      this.#answers.failed('key', error)
    }
    if (identity === undefined) return next(call)
    // From here to the flight nothing waits: no twin slips between the look-up and the call.
    this.#identities.set(call.state, identity)
    const kept = this.#inMemory(call, identity, next)
    if (kept !== undefined) return { kind: 'ok', reply: kept }
    return this.#flightOf(call, identity, next).join(call as Call<unknown>) as Promise<Outcome<T>>
  }

  #inMemory<T>(call: Call<T>, identity: Identity, next: Next<T>): Reply<T> | undefined {
    const { key, cache } = identity
    const kept = cache && this.#answers.inMemory(key, cache)
    if (kept === undefined || kept.kind === 'last-resort') return undefined
    const reply = this.#answers.reply(call, key, kept)
    if (reply !== undefined && kept.kind === 'stale') this.#refresh(call, identity, next)
    return reply
  }

  #flightOf<T>(call: Call<T>, identity: Identity, next: Next<T>): Flight<unknown> {
    const flying = this.#flights.get(identity.key)
    const isJoinable = identity.coalesce && flying?.joinable === true
    // One that holds a slot, and waited for others to get one, might wait for itself.
    const mayWait = call.parent === undefined || flying?.sent === true
    if (isJoinable && mayWait) return flying
    return this.#begin(call, identity, { next, isShared: identity.coalesce && !isJoinable, isRefresh: false })
  }

  #begin<T>(
    call: Call<T>,
    identity: Identity,
    { next, isShared, isRefresh }: { next: Next<T>; isShared: boolean; isRefresh: boolean },
  ): Flight<unknown> {
    const { clock, now, config } = this.#options
    const { key, cache } = identity
    const { maxEntryBytes = MAX_ENTRY_BYTES } = config
    let isStale = false
    let looked: Looked | undefined
    const claim = isShared ? this.#claimOf(identity, () => flight.rank) : undefined
    const flight: Flight<T> = new Flight<T>({
      clock,
      now,
      maxBytes: maxEntryBytes,
      find: async () => {
        const kept = await this.#found(identity)
        isStale = kept?.kind === 'stale'
        if (kept?.kind === 'fresh' || (isStale && !isRefresh)) return this.#serving(key, kept!)
        looked = await this.#looked(call, identity)
        const near = looked?.near && !isRefresh ? await this.#near(looked.near, cache!) : undefined
        if (near !== undefined) return this.#serving(key, near)
        if (cache !== undefined) this.#answers.tell(call, { type: 'cache.missed' })
        return undefined
      },
      ...(claim && {
        follow: async (signal) => {
          // One that holds a slot may be what the other waits for.
          const waits = call.parent === undefined
          const kept = await this.#leaders?.follow(claim, { key, cache: cache!, waits, signal })
          return kept && this.#serving(key, kept)
        },
      }),
      call: (shared) => {
        this.#identities.set(shared.state, identity)
        const outcome = next(shared)
        return claim === undefined ? outcome : claim.hears(outcome)
      },
      keep: (reply, end, parts) => {
        if (cache === undefined) return
        const stored = this.#answers.keep(call, { key, cache }, { reply, end, parts })
        if (stored === undefined) return
        claim?.kept(stored)
        this.#refreshed.delete(key)
        looked?.remember()
      },
      onClosed: () => {
        if (this.#flights.get(key) === (flight as Flight<unknown>)) this.#flights.delete(key)
        claim?.release()
        if (isStale && !isRefresh) this.#refresh(call, identity, next)
      },
    })
    if (isShared) this.#flights.set(key, flight as Flight<unknown>)
    // Joined by its first caller before it sets off.
    queueMicrotask(() => void flight.run())
    return flight as Flight<unknown>
  }

  #claimOf({ key, cache }: Identity, rank: () => number): Claim | undefined {
    return cache && this.#leaders?.claim({ key, rank, goodForMs: cache.ttlMs })
  }

  async #found({ key, cache }: Identity): Promise<Kept | undefined> {
    return cache !== undefined && this.#levels.hasStore ? this.#answers.inStore(key, cache) : undefined
  }

  async #looked(call: Call<unknown>, identity: Identity): Promise<Looked | undefined> {
    const { cache } = identity
    return cache?.semantic === undefined ? undefined : this.#semantic.look(call, identity, cache.semantic)
  }

  async #near({ key, similarity }: Near, cache: TaskCache): Promise<Kept | undefined> {
    const kept = this.#answers.inMemory(key, cache) ?? (await this.#answers.inStore(key, cache))
    return kept?.kind === 'fresh' ? { ...kept, similarity } : undefined
  }

  #serving<T>(key: string, kept: Kept): Serve<T> {
    return (call) => {
      const reply = this.#answers.reply(call, key, kept)
      return reply && { kind: 'ok', reply }
    }
  }

  /** In the background, one at a time. */
  #refresh<T>(call: Call<T>, identity: Identity, next: Next<T>): void {
    const { key } = identity
    const now = this.#options.now()
    if (this.#flights.has(key) || now < (this.#refreshed.get(key) ?? 0)) return
    this.#refreshed.set(key, now + REFRESH_AGAIN_MS)
    this.#options.inBackground(call, async <S>(own: Call<S>): Promise<Outcome<S>> => {
      const flight = this.#begin(own, identity, {
        next: next as unknown as Next<S>,
        isShared: true,
        isRefresh: true,
      })
      const outcome = (await flight.join(own as Call<unknown>)) as Outcome<S>
      if (outcome.kind === 'ok') await readWhole(own, outcome.reply)
      return outcome
    })
  }
}

/** A stream that nobody is there to read is read all the same: it is wanted for later. */
async function readWhole<T>({ host }: Call<T>, { value }: Reply<T>): Promise<void> {
  const parts = host.parts(value)
  if (parts.kind !== 'stream') return
  try {
    // oxlint-disable-next-line no-await-in-loop -- one part after the other
    while ((await parts.source.next()).done !== true);
  } catch {
    // It broke: its end says so.
  }
}
