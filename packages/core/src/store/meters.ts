import { FixedWindow } from './fixed-window.ts'
import type { Meter, Resumed, SavedMeter } from './meter.ts'
import type { Bucket } from './port.ts'
import { countsAlike, isSame, withInfinities, withSizeOf } from './definition.ts'
import { Quota } from './quota.ts'
import { SlidingWindow } from './sliding-window.ts'
import { Slots } from './slots.ts'
import { TokenBucket } from './token-bucket.ts'

export interface MetersOptions {
  readonly maxKeys: number
  readonly onForgotten: (key: string) => void
  readonly onChanged?: ((meter: Meter) => void) | undefined
}

/** Fewer than one call may be charged to would lose some of its own. */
const LEAST_KEYS = 64
/** How many are looked at when a new one is made over the bound. */
const SWEEP = 8

/**
 * The meters of a store in memory, by key, of which there are no more than `maxKeys` as long as that can be.
 *
 * Above the bound the next eight in turn are looked at. Those at rest go: nothing is lost by it. If none of them rests,
 * the budget with the largest part left goes, and that is told: so whoever floods a store with new keys has his own
 * forgotten before the ones that are spent. What is held, claimed, or a provider's limit, stays.
 */
export class Meters {
  readonly #meters = new Map<string, Meter>()
  #turn = this.#meters.values()
  readonly #maxKeys: number
  readonly #onForgotten: (key: string) => void
  /** Of every one that goes, or is made anew. */
  readonly #onChanged: (meter: Meter) => void
  /** Saved by an earlier process, and not asked for by this one. */
  readonly #strange = new Set<Meter>()

  constructor({ maxKeys, onForgotten, onChanged = () => {} }: MetersOptions) {
    this.#maxKeys = Math.max(LEAST_KEYS, maxKeys)
    this.#onForgotten = onForgotten
    this.#onChanged = onChanged
  }

  get size(): number {
    return this.#meters.size
  }

  /** The bucket's meter, made where there is none. */
  of(bucket: Bucket, now: number): Meter {
    const known = this.known(bucket.key)
    if (known !== undefined) return this.#strange.size === 0 ? known : this.#met(known, bucket, now)
    if (this.#meters.size >= this.#maxKeys) this.#makeRoom(now)
    const meter = meterFor(bucket, now)
    this.#meters.set(bucket.key, meter)
    return meter
  }

  /** The bucket's meter where there is one, or one that leaves no trace. */
  peek(bucket: Bucket, now: number): Meter {
    const known = this.known(bucket.key)
    if (known === undefined) return meterFor(bucket, now)
    return this.#strange.size === 0 ? known : this.#met(known, bucket, now)
  }

  /** One that an earlier process has saved. */
  restore(saved: Bucket, state: SavedMeter, resumed: Resumed): Meter {
    const bucket = withInfinities(saved)
    const meter = meterFor(bucket, resumed.now)
    meter.restore(state, resumed)
    this.#meters.set(bucket.key, meter)
    this.#strange.add(meter)
    return meter
  }

  /** The process of now may be configured otherwise than that of then. */
  #met(meter: Meter, bucket: Bucket, now: number): Meter {
    if (!this.#strange.delete(meter)) return meter
    // A size that is still to be learnt may have been learnt then.
    const wanted = bucket.capacity === Number.POSITIVE_INFINITY ? withSizeOf(meter.bucket, bucket) : bucket
    if (isSame(meter.bucket, wanted)) return meter
    this.#onChanged(meter)
    if (countsAlike(meter.bucket, wanted)) {
      meter.resize(now, wanted)
      return meter
    }
    // Counted in another way: of what was used it can only be said that it was.
    const anew = meterFor(wanted, now)
    const used = meter.bucket.capacity - meter.free(now)
    if (meter.bucket.algorithm !== 'slots' && used > 0) anew.count(now, used)
    this.#meters.set(bucket.key, anew)
    this.#onChanged(anew)
    return anew
  }

  known(key: string): Meter | undefined {
    return this.#meters.get(key)
  }

  forget(key: string): void {
    const meter = this.#meters.get(key)
    if (meter === undefined) return
    this.#meters.delete(key)
    this.#strange.delete(meter)
    this.#onChanged(meter)
  }

  /** Those whose key names this holder: `budget:tenant=acme+user=u:tokens:60000`. */
  forgetHolder(holder: string): void {
    for (const key of this.#meters.keys()) {
      const [kind, holders] = key.split(':')
      if (kind?.startsWith('budget') === true && holders?.split('+').includes(holder) === true)
        this.forget(key)
    }
  }

  #makeRoom(now: number): void {
    let spare: Meter | undefined
    let rested = false
    for (let looked = 0; looked < SWEEP; looked++) {
      const meter = this.#nextInTurn()
      if (meter.claims.none && meter.atRest(now)) {
        rested = true
        this.forget(meter.bucket.key)
        continue
      }
      const isSpare = meter.bucket.forgettable === true && meter.pending === 0 && meter.claims.none
      if (isSpare && (spare === undefined || partLeft(meter, now) > partLeft(spare, now))) spare = meter
    }
    if (rested || spare === undefined) return
    this.forget(spare.bucket.key)
    this.#onForgotten(spare.bucket.key)
  }

  /** Round and round: to begin at the front each time would be to walk past all that was deleted there. */
  #nextInTurn(): Meter {
    for (;;) {
      const { done, value } = this.#turn.next()
      if (done !== true) return value
      this.#turn = this.#meters.values()
    }
  }
}

function partLeft(meter: Meter, now: number): number {
  return meter.free(now) / meter.bucket.capacity
}

function meterFor(bucket: Bucket, now: number): Meter {
  switch (bucket.algorithm) {
    case 'token-bucket':
      return new TokenBucket(bucket, now)
    case 'fixed-window':
      return new FixedWindow(bucket, now)
    case 'sliding-window':
      return new SlidingWindow(bucket, now)
    case 'quota':
      return new Quota(bucket, now)
    case 'slots':
      return new Slots(bucket)
  }
}
