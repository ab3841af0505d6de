/** FNV-1a over UTF-16 code units, 32 bits. Chain texts by handing the last result in as `seed`. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed | 0
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** Spreads the bits of two numbers over 32 bits (the murmur3 finaliser), so that close inputs differ widely. */
export function mix(left: number, right: number): number {
  let hash = Math.imul(left ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(right + 0x7f4a7c15, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A number in (0, 1) out of 32 bits: never 0, so that its logarithm exists. */
export function toUnit(bits: number): number {
  return ((bits >>> 0) + 0.5) / 4294967296
}

/** A seeded stream of numbers in (0, 1). */
export type Random = () => number

export function createRandom(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    return toUnit(mix(state, 0))
  }
}

/** A lognormal value with this median, out of two independent numbers in (0, 1) (Box-Muller). */
export function lognormal(median: number, sigma: number, first: number, second: number): number {
  if (sigma === 0) return median
  const normal = Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second)
  return median * Math.exp(sigma * normal)
}
