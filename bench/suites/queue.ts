import type { Waiter } from '../../packages/core/src/budget/waiter.ts'
import { heapInUse, median } from '../measure.ts'
import type { Figure, Suite } from '../suite.ts'
import { crowd } from './waiting.ts'
import type { Crowd } from './waiting.ts'

const SIZES: readonly [name: string, size: number][] = [
  ['1k', 1_000],
  ['100k', 100_000],
  ['1M', 1_000_000],
]
/** How many come, leave or are granted together, at most. */
const BATCH = 500
/** How many do so at each size, all rounds together. */
const IN_ALL = 20_000
const WINDOW_MS = 60_000

type Costs = Record<'enqueue' | 'grant' | 'abort' | 'settle' | 'bytes', number>

/** What it costs to stand in a long line. */
export const queue: Suite = {
  name: 'queue',
  async run() {
    // For nothing, so that the first of them is not the one that pays for compiling.
    measured(10_000)
    return SIZES.flatMap(([name, size]): Figure[] => {
      const { enqueue, grant, abort, settle, bytes } = measured(size)
      const figures: Figure[] = [
        { name: `enqueue, ${name} waiting`, value: enqueue, measure: 'us', bar: { most: 2 } },
        { name: `grant, ${name} waiting`, value: grant, measure: 'us', bar: { most: 3 } },
        { name: `abort, ${name} waiting`, value: abort, measure: 'us', bar: { most: 1 } },
        { name: `settle that lets nobody in, ${name} waiting`, value: settle, measure: 'us' },
      ]
      // A thousand weigh too little to be told from what else comes and goes.
      if (size > SIZES[0]![1]) {
        figures.push({ name: `a waiter, ${name} waiting`, value: bytes, measure: 'B', bar: { most: 350 } })
      }
      return figures
    })
  },
}

/** Microseconds each, with `size` waiting throughout. */
function measured(size: number): Costs {
  const batch = Math.min(BATCH, size / 10)
  const crowded = crowd(batch)
  const waiters = Array.from<Waiter>({ length: size + batch })
  crowded.exhaust()
  const before = heapInUse()
  for (let index = 0; index < size; index++) waiters[index] = crowded.enter()
  const bytes = (heapInUse() - before) / size
  const rounds = Array.from({ length: IN_ALL / batch }, () => {
    const enqueue = eachUs(batch, (index) => (waiters[size + index] = crowded.enter()))
    // From anywhere in the line, as callers leave.
    for (let index = 0; index < batch; index++)
      swap(waiters, size + index, Math.floor(crowded.random() * size))
    const abort = eachUs(batch, (index) => waiters[size + index]!.cancel())
    replaceGranted(crowded, waiters, size)
    const admitted = admit(crowded, waiters, size)
    replaceGranted(crowded, waiters, size)
    return { enqueue, abort, ...admitted }
  })
  if (crowded.pool.room.size !== size) throw new Error('The line has changed its length.')
  const each = (cost: Exclude<keyof Costs, 'bytes'>) => median(rounds.map((round) => round[cost]))
  return {
    enqueue: each('enqueue'),
    grant: each('grant'),
    abort: each('abort'),
    settle: each('settle'),
    bytes,
  }
}

/** A window's worth of room at once; whoever it lets in is settled. */
function admit(
  { clock, pool, settle }: Crowd,
  waiters: readonly Waiter[],
  size: number,
): { grant: number; settle: number } {
  const waiting = pool.room.size
  clock.step(WINDOW_MS)
  const began = performance.now()
  pool.changed(clock.now())
  const elapsed = performance.now() - began
  const granted = waiting - pool.room.size
  if (granted === 0) throw new Error('Nobody was let in.')
  const inside = waiters.slice(0, size).filter(isGranted)
  return {
    grant: (elapsed * 1_000) / granted,
    settle: eachUs(inside.length, (index) => settle(inside[index]!)),
  }
}

/** Until the line is as long as it was, and nobody in it has any room. */
function replaceGranted({ exhaust, enter, settle }: Crowd, waiters: Waiter[], size: number): void {
  let replaced: boolean
  do {
    replaced = false
    exhaust()
    for (let index = 0; index < size; index++) {
      const waiter = waiters[index]!
      if (!isGranted(waiter)) continue
      settle(waiter)
      waiters[index] = enter()
      replaced = true
    }
  } while (replaced)
}

function isGranted({ state }: Waiter): boolean {
  return state === 'granted'
}

function eachUs(times: number, run: (index: number) => void): number {
  const began = performance.now()
  for (let index = 0; index < times; index++) run(index)
  return ((performance.now() - began) * 1_000) / times
}

function swap(waiters: Waiter[], a: number, b: number): void {
  const held = waiters[a]!
  waiters[a] = waiters[b]!
  waiters[b] = held
}
