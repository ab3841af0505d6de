import type { Call } from '../call/call.ts'
import { lru } from '../structures/lru.ts'

/** How fast what is learnt gives way to what is seen. */
const GAIN = 0.2
/** After so long without an answer nothing is known of a target any more. */
const FRESH_MS = 60_000
const MOST = 1_000

interface Learnt {
  ms: number
  at: number
}

/** Whose time it is: a stream is there sooner than the whole of an answer, and an embedding sooner still. */
type Timed = Pick<Call<unknown>, 'target'> & { readonly host: Pick<Call<unknown>['host'], 'kind'> }

/** How long targets took to answer of late, waiting for room left out: of a stream to its first content. */
export class Latencies {
  readonly #learnt = lru<Learnt>(MOST)

  learn(call: Timed, ms: number, now: number): void {
    const key = keyOf(call)
    const known = this.#learnt.get(key)
    if (known === undefined || now - known.at > FRESH_MS) {
      this.#learnt.set(key, { ms, at: now })
      return
    }
    known.ms += GAIN * (ms - known.ms)
    known.at = now
  }

  of(call: Timed, now: number): number | undefined {
    const known = this.#learnt.get(keyOf(call))
    return known === undefined || now - known.at > FRESH_MS ? undefined : known.ms
  }
}

function keyOf({ host, target }: Timed): string {
  return `${host.kind} ${target}`
}
