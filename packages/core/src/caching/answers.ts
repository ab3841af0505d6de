import type { Call } from '../call/call.ts'
import type { CacheOp, Events } from '../call/events.ts'
import type { End, Reply } from '../call/outcome.ts'
import type { Clock } from '../time/clock.ts'
import type { TaskCache } from './cache-config.ts'
import type { Entry } from './entry.ts'
import { freshness, keepMs } from './freshness.ts'
import type { Freshness } from './freshness.ts'
import type { Levels } from './levels.ts'
import { isValid } from './valid.ts'
import { isWorthKeeping, unbilled } from './worth.ts'

/** An answer that is kept, and what it is good for now. */
export interface Kept {
  readonly entry: Entry
  readonly kind: Exclude<Freshness, 'over'>
  /** Where it answers another question: how close that is. */
  readonly similarity?: number
  /** Another process was given it while this call waited for that. */
  readonly joined?: boolean
}

export interface AnswersOptions {
  readonly clock: Clock
  readonly now: () => number
  readonly events: Events
  readonly levels: Levels
}

type CacheEvent =
  | {
      readonly type: 'cache.hit'
      readonly ageMs: number
      readonly stale: boolean
      readonly similarity?: number
    }
  | { readonly type: 'cache.missed' }
  | { readonly type: 'cache.written'; readonly bytes: number }

/** Answers of toolkits, and the entries that they are kept as. Whatever fails here, no call does. */
export class Answers {
  readonly #options: AnswersOptions

  constructor(options: AnswersOptions) {
    this.#options = options
  }

  inMemory(key: string, cache: TaskCache): Kept | undefined {
    return this.#judged(key, cache, this.#options.levels.inMemory(key))
  }

  async inStore(key: string, cache: TaskCache): Promise<Kept | undefined> {
    return this.#judged(key, cache, await this.#options.levels.inStore(key))
  }

  /** The answer anew, as the caller's toolkit has it; `undefined` where that cannot be made of what is kept. */
  reply<T>(call: Call<T>, key: string, kept: Kept): Reply<T> | undefined {
    const { entry, kind, joined } = kept
    let value: T
    try {
      value = call.host.decode(entry.data)
    } catch (error) {
      this.#options.levels.drop(key)
      this.failed('decode', error)
      return undefined
    }
    const { target, finish } = entry
    const isStale = kind !== 'fresh'
    call.state.firstContentAt ??= this.#options.now()
    if (joined !== true) this.#tellHit(call, kept)
    return {
      value,
      target,
      marks: { cache: joined === true ? 'joined' : isStale ? 'stale' : 'hit' },
      headers: {},
      // Nothing is held for it, so nobody need wait until it is read.
      end: Promise.resolve(unbilled({ how: 'finished', ...(finish === undefined ? {} : { finish }) })),
    }
  }

  #tellHit(call: Call<unknown>, { entry, kind, similarity }: Kept): void {
    this.tell(call, {
      type: 'cache.hit',
      ageMs: this.#ageOf(entry),
      stale: kind !== 'fresh',
      ...(similarity === undefined ? {} : { similarity }),
    })
  }

  /**
   * Keeps it if it is worth that. `parts` of a stream. Returns what resolves when the store has it, and never rejects;
   * `undefined` where it is not kept.
   */
  keep<T>(
    call: Call<T>,
    { key, cache }: { readonly key: string; readonly cache: TaskCache },
    { reply, end, parts }: { reply: Reply<T>; end: End; parts: readonly unknown[] },
  ): Promise<unknown> | undefined {
    if (!isWorthKeeping(reply.marks, end)) return undefined
    const { clock, levels } = this.#options
    try {
      const object = call.host.object?.(call.request, reply.value, parts)
      // It would fail in the hands of everyone whom it is served to.
      if (object !== undefined && !isValid(object)) return undefined
      const data = call.host.encode(reply.value, parts)
      const entry = { at: clock.now(), target: reply.target, finish: end.finish, data }
      const written = levels.write(key, entry, keepMs(cache))
      if (written === undefined) throw new RangeError('The answer is larger than `cache.maxEntryBytes`.')
      this.tell(call, { type: 'cache.written', bytes: written.bytes })
      return written.stored
    } catch (error) {
      this.failed('encode', error)
      return undefined
    }
  }

  tell(call: Call<unknown>, event: CacheEvent): void {
    const { events, now } = this.#options
    if (events.heard) events.emit({ ...event, at: now(), callId: call.id, target: call.target })
  }

  failed(op: CacheOp, error: unknown): void {
    const { events, now } = this.#options
    events.emit({ type: 'cache.failed', at: now(), op, error })
  }

  #judged(key: string, cache: TaskCache, entry: Entry | undefined): Kept | undefined {
    if (entry === undefined) return undefined
    const kind = freshness(cache, this.#ageOf(entry))
    if (kind !== 'over') return { entry, kind }
    this.#options.levels.drop(key)
    return undefined
  }

  #ageOf({ at }: Entry): number {
    // Another process's clock may be ahead of ours.
    return Math.max(0, this.#options.clock.now() - at)
  }
}
