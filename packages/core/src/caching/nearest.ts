import { LRUCache } from 'lru-cache'

/** What is searched through for one question: so many take well under a millisecond. */
const MOST_IN_SCOPE = 1_000
const MOST_BYTES = 64 * 2 ** 20

interface Known {
  readonly scope: string
  readonly vector: Float32Array
}

export interface Near {
  readonly key: string
  /** Cosine, up to 1. */
  readonly similarity: number
}

/** Questions by their embeddings, each only to be found within its own scope. Bounded: the oldest are forgotten. */
export class Nearest {
  readonly #scopes = new Map<string, Map<string, Float32Array>>()
  readonly #known = new LRUCache<string, Known>({
    maxSize: MOST_BYTES,
    sizeCalculation: ({ vector }, key) => vector.byteLength + key.length,
    dispose: ({ scope }, key) => this.#forget(scope, key),
  })

  /** Scopes that a question is known of. */
  get scopes(): number {
    return this.#scopes.size
  }

  add(scope: string, key: string, vector: Float32Array): void {
    this.#known.delete(key)
    this.#known.set(key, { scope, vector })
    if (!this.#known.has(key)) return
    const keys = this.#scopes.get(scope) ?? new Map<string, Float32Array>()
    this.#scopes.set(scope, keys.set(key, vector))
    if (keys.size <= MOST_IN_SCOPE) return
    const [oldest] = keys.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }

  find(scope: string, vector: Float32Array, threshold: number): Near | undefined {
    let near: Near | undefined
    for (const [key, other] of this.#scopes.get(scope) ?? []) {
      const similarity = cosine(vector, other)
      if (similarity >= (near?.similarity ?? threshold)) near = { key, similarity }
    }
    return near
  }

  #forget(scope: string, key: string): void {
    const keys = this.#scopes.get(scope)
    keys?.delete(key)
    if (keys?.size === 0) this.#scopes.delete(scope)
  }
}

/** Of length 1, so that a product is a cosine; `undefined` for what has no direction. */
export function unit(vector: readonly number[]): Float32Array | undefined {
  const length = Math.hypot(...vector)
  if (!Number.isFinite(length) || length === 0) return undefined
  return Float32Array.from(vector, (value) => value / length)
}

/** Of vectors of length 1. Those of another model have nothing in common. */
function cosine(one: Float32Array, other: Float32Array): number {
  if (one.length !== other.length) return Number.NEGATIVE_INFINITY
  let sum = 0
  for (let index = 0; index < one.length; index++) sum += one[index]! * other[index]!
  return sum
}
