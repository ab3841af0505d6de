import { FixedWindow } from './fixed-window.ts'
import type { Meter } from './meter.ts'
import type { Bucket } from './port.ts'
import { Quota } from './quota.ts'
import { SlidingWindow } from './sliding-window.ts'
import { Slots } from './slots.ts'
import { TokenBucket } from './token-bucket.ts'

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

  constructor({ maxKeys, onForgotten }: { maxKeys: number; onForgotten: (key: string) => void }) {
    this.#maxKeys = Math.max(LEAST_KEYS, maxKeys)
    this.#onForgotten = onForgotten
  }

  get size(): number {
    return this.#meters.size
  }

  /** The bucket's meter, made where there is none. */
  of(bucket: Bucket, now: number): Meter {
    const known = this.#meters.get(bucket.key)
    if (known !== undefined) return known
    if (this.#meters.size >= this.#maxKeys) this.#makeRoom(now)
    const meter = meterFor(bucket, now)
    this.#meters.set(bucket.key, meter)
    return meter
  }

  /** The bucket's meter where there is one, or one that leaves no trace. */
  peek(bucket: Bucket, now: number): Meter {
    return this.#meters.get(bucket.key) ?? meterFor(bucket, now)
  }

  known(key: string): Meter | undefined {
    return this.#meters.get(key)
  }

  forget(key: string): void {
    this.#meters.delete(key)
  }

  /** Those whose key names this holder: `budget:tenant=acme+user=u:tokens:60000`. */
  forgetHolder(holder: string): void {
    for (const key of this.#meters.keys()) {
      const [kind, holders] = key.split(':')
      if (kind?.startsWith('budget') === true && holders?.split('+').includes(holder) === true)
        this.#meters.delete(key)
    }
  }

  #makeRoom(now: number): void {
    let spare: Meter | undefined
    let rested = false
    for (let looked = 0; looked < SWEEP; looked++) {
      const meter = this.#nextInTurn()
      if (meter.claims.none && meter.atRest(now)) {
        rested = true
        this.#meters.delete(meter.bucket.key)
        continue
      }
      const isSpare = meter.bucket.forgettable === true && meter.pending === 0 && meter.claims.none
      if (isSpare && (spare === undefined || partLeft(meter, now) > partLeft(spare, now))) spare = meter
    }
    if (rested || spare === undefined) return
    this.#meters.delete(spare.bucket.key)
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
