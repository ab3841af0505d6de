/** Numbers in (0, 1), the same for a seed on every run (mulberry32). */
export type Random = () => number

export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return (((bits ^ (bits >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
}

export interface Sizes {
  readonly median: number
  readonly sigma: number
}

/** Lognormal: most are near the median, a few many times as large, as prompts and answers are. */
export function lognormal(random: Random, { median, sigma }: Sizes): number {
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(sigma * normal)
}
