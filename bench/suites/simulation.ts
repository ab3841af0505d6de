import { simulate } from '../../packages/core/test/simulation/simulate.ts'
import type { SimulationOptions } from '../../packages/core/test/simulation/simulate.ts'
import { generated } from '../../packages/core/test/simulation/traffic.ts'
import { median } from '../measure.ts'
import type { Suite } from '../suite.ts'

const REQUESTS = 20_000
const ROUNDS = 7
const ALGORITHMS = ['token-bucket', 'fixed-window', 'sliding-window'] as const

/** Admission at work in virtual time, against a provider that counts: everything that happens to a call is in it. */
export const simulation: Suite = {
  name: 'simulation',
  async run() {
    const traffic = generated('conversation', { requests: REQUESTS, seed: 1 })
    const perSecond = (algorithm: SimulationOptions['algorithm']): number => {
      const began = performance.now()
      const { admitted } = simulate({ traffic, algorithm, windows: 30.5, phase: 12_345 })
      if (admitted !== REQUESTS) throw new Error(`Only ${admitted} of ${REQUESTS} calls were admitted.`)
      return (REQUESTS * 1_000) / (performance.now() - began)
    }
    // One round first for nothing: it pays for compiling.
    for (const algorithm of ALGORITHMS) perSecond(algorithm)
    const rounds = Array.from({ length: ROUNDS }, () => ALGORITHMS.map(perSecond))
    return ALGORITHMS.map((algorithm, index) => ({
      name: `whole simulation, ${algorithm}`,
      value: median(rounds.map((round) => round[index]!)),
      measure: 'calls/s',
      bar: { least: 150_000 },
    }))
  },
}
