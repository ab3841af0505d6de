import { existsSync, readFileSync } from 'node:fs'
import { seededRandom } from '../../src/time/random.ts'

export interface Request {
  atMs: number
  input: number
  output: number
}

/**
 * Traffic with the statistics of an hour of public traces (Azure LLM inference 2023): lognormal sizes with the same
 * medians and 95th percentiles, and arrivals in bursts.
 */
export function generated(
  kind: 'code' | 'conversation',
  { requests, seed }: { requests: number; seed: number },
): Request[] {
  const random = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const shape =
    kind === 'code'
      ? { input: [1_469, 0.98], output: [13, 1.18], perMs: 8_819 / 3_420_000, burst: 12 }
      : { input: [1_020, 0.84], output: [129, 0.76], perMs: 19_366 / 3_480_000, burst: 1.4 }
  const lognormal = ([median, sigma]: number[]) =>
    Math.max(1, Math.round(median! * Math.exp(sigma! * normal())))
  const traffic: Request[] = []
  let atMs = 0
  while (traffic.length < requests) {
    atMs += (-Math.log(1 - random()) * shape.burst) / shape.perMs
    const together = Math.max(1, Math.round(shape.burst * 2 * random()))
    for (let index = 0; index < together && traffic.length < requests; index++) {
      traffic.push({ atMs, input: Math.min(lognormal(shape.input), 20_000), output: lognormal(shape.output) })
    }
  }
  return traffic
}

const FOLDER = new URL('../../../../../shared/traces/', import.meta.url)

/** A real trace, where there is one beside the checkout; it is not part of the project. */
export function traced(kind: 'code' | 'conversation'): Request[] | undefined {
  const file = new URL(`azure-2023-${kind === 'code' ? 'code' : 'conv'}.csv`, FOLDER)
  if (!existsSync(file)) return undefined
  const [, ...rows] = readFileSync(file, 'utf8').trim().split('\n')
  return rows.map((row) => {
    const [atMs, input, output] = row.split(',').map(Number)
    return { atMs: atMs!, input: input!, output: output! }
  })
}
