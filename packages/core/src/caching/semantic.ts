import type { Call } from '../call/call.ts'
import type { CacheOp } from '../call/events.ts'
import type { Clock } from '../time/clock.ts'
import type { SemanticCache } from './cache-config.ts'
import { ingredients } from './identity.ts'
import type { Identity } from './identity.ts'
import type { Keys } from './keys.ts'
import { Nearest, unit } from './nearest.ts'
import type { Near } from './nearest.ts'
import { questionOf } from './question.ts'

const EMBED_DEADLINE_MS = 1_000

export interface SemanticOptions {
  readonly clock: Clock
  readonly keys: Keys
  readonly onFailed: (op: CacheOp, error: unknown) => void
}

/** What came of looking for a question like this one. */
export interface Looked {
  readonly near: Near | undefined
  /** From now on it is found: its answer is kept. */
  remember(): void
}

/** Finds the key of a question that is nearly the same, of calls that are the same in all else. */
export class Semantic {
  readonly #options: SemanticOptions
  readonly #nearest = new Nearest()

  constructor(options: SemanticOptions) {
    this.#options = options
  }

  /** Never rejects, and takes no longer than it may; `undefined` where it cannot be told. */
  async look(call: Call<unknown>, identity: Identity, semantic: SemanticCache): Promise<Looked | undefined> {
    const { key, task, prefix } = identity
    try {
      const question = questionOf(call)
      if (question === undefined) return undefined
      // Its prefix is the tenant's and its epoch's: no question of another tenant, or from before a purge, is compared.
      const scope = `${prefix}${this.#options.keys.of({ semantic: ingredients(call, task, question.rest) })}`
      const vector = unit(await this.#embedded(question.text, semantic))
      if (vector === undefined) throw new TypeError('`embed` gave what is no embedding.')
      return {
        near: this.#nearest.find(scope, vector, semantic.threshold),
        remember: () => this.#nearest.add(scope, key, vector),
      }
    } catch (error) {
      this.#options.onFailed('embed', error)
      return undefined
    }
  }

  #embedded(
    text: string,
    { embed, deadlineMs = EMBED_DEADLINE_MS }: SemanticCache,
  ): Promise<readonly number[]> {
    const controller = new AbortController()
    return new Promise<readonly number[]>((resolve, reject) => {
      const cancel = this.#options.clock.timer(deadlineMs, () => {
        const error = new Error(`\`embed\` took over ${deadlineMs} ms.`)
        controller.abort(error)
        reject(error)
      })
      void (async () => embed(text, controller.signal))().then(resolve, reject).finally(cancel)
    })
  }
}
