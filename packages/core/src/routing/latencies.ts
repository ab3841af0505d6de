import { LRUCache } from 'lru-cache'

/** How fast what is learnt gives way to what is seen. */
const GAIN = 0.2
/** After so long without an answer nothing is known of a target any more. */
const FRESH_MS = 60_000
const MOST = 1_000

interface Learnt {
  ms: number
  at: number
}

/** How long targets took to answer of late, waiting for room left out: of a stream to its first content. */
export class Latencies {
  readonly #learnt = new LRUCache<string, Learnt>({ max: MOST })

  learn(target: string, ms: number, now: number): void {
    const known = this.#learnt.get(target)
    if (known === undefined || now - known.at > FRESH_MS) {
      this.#learnt.set(target, { ms, at: now })
      return
    }
    known.ms += GAIN * (ms - known.ms)
    known.at = now
  }

  of(target: string, now: number): number | undefined {
    const known = this.#learnt.get(target)
    return known === undefined || now - known.at > FRESH_MS ? undefined : known.ms
  }
}
