import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bucket, Op, Store } from '@plimsoll/core'
import { MemoryStore, systemClock } from '@plimsoll/core/store'
import { FileStore } from '../../packages/sqlite/src/file-store.ts'
import { FileThread } from '../../packages/sqlite/src/file-thread.ts'
import { median } from '../measure.ts'
import type { Figure, Suite } from '../suite.ts'
import { bucketsFor, PLENTY } from './limits.ts'

const CALLS_PER_MS = 20
/** How long a call is under way: in several groups, so that it is written that it is open, counted, and over. */
const CALL_MS = 20
const ROUND_MS = 2_000
const ROUNDS = 5

/** Who comes along: all under the same limits, or a thousand tenants, each under two budgets of its own besides. */
const SHAPES: readonly { readonly name: string; bucketsOf(nth: number): readonly Bucket[] }[] = [
  shape('four limits', 4, 0),
  shape('four limits, and two budgets of each of 1,000 tenants', 4, 1_000),
]

/** What it costs the event loop that limits and budgets survive the process. */
export const fileStoreSuite: Suite = {
  name: 'file-store',
  comparedWith: 'the store in memory',
  async run() {
    const figures: Figure[] = []
    for (const { name, bucketsOf } of SHAPES) {
      const memory: number[] = []
      const file: number[] = []
      const groups: number[] = []
      // The first of each only warms up.
      for (let round = 0; round <= ROUNDS; round++) {
        const inMemory = await busy(new MemoryStore(), bucketsOf)
        const kept = await withFile(bucketsOf)
        if (round === 0) continue
        memory.push(inMemory)
        file.push(kept.busyMs)
        groups.push(...kept.groups)
      }
      const perCall = (ms: number) => (ms * 1e6) / (ROUND_MS * CALLS_PER_MS)
      const one = perCall(median(memory))
      const other = perCall(median(file))
      figures.push(
        { name: `a call in memory, ${name}`, value: one, measure: 'ns', ratio: 1 },
        { name: `with a file, ${name}`, value: other, measure: 'ns', ratio: other / one },
        { name: 'of it to put groups together', value: perCall(sum(groups) / ROUNDS), measure: 'ns' },
        { name: 'the loop is held for a group, median', value: median(groups) * 1_000, measure: 'us' },
        { name: 'at most', value: Math.max(...groups) * 1_000, measure: 'us' },
      )
    }
    return figures
  },
}

async function withFile(
  bucketsOf: (nth: number) => readonly Bucket[],
): Promise<{ busyMs: number; groups: readonly number[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-'))
  const path = join(folder, 'limits.db')
  const groups: number[] = []
  const timer: (typeof systemClock)['timer'] = (ms, fn, background) =>
    systemClock.timer(
      ms,
      () => {
        const before = process.threadCpuUsage()
        fn()
        groups.push(cpuMs(before))
      },
      background,
    )
  const { file, saved } = await FileThread.open(path)
  const memory = new MemoryStore({ resumed: { saved, now: systemClock.now() } })
  const store = new FileStore({ file, memory, path, clock: { timer } })
  const busyMs = await busy(store, bucketsOf)
  await store.close()
  rmSync(folder, { recursive: true })
  return { busyMs, groups }
}

/** What the event loop computed for so many calls a millisecond, and until the last was on disk. */
async function busy(store: Store, bucketsOf: (nth: number) => readonly Bucket[]): Promise<number> {
  let id = 0
  let settled = 0
  let done = 0
  const send = (op: Op) =>
    store.send(op, systemClock.now(), ({ kind }) => {
      if (kind === 'done') done++
      else if (kind !== 'granted') throw new Error(`A call was ${kind}.`)
    })
  const before = process.threadCpuUsage()
  const began = performance.now()
  const all = ROUND_MS * CALLS_PER_MS
  while (settled < all) {
    const due = Math.floor((performance.now() - began) * CALLS_PER_MS)
    for (; id < Math.min(due, all);) {
      const buckets = bucketsOf(++id)
      const amounts = buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : 1_000))
      const terms = { leaves: buckets.map(() => 0), holder: 0, rank: 1, claimable: 4, leaseMs: 60_000 }
      send({ type: 'reserve', id, buckets, amounts, ...terms })
    }
    for (; settled < due - CALL_MS * CALLS_PER_MS && settled < all;) {
      send({ type: 'acknowledge', id: ++settled })
      send({ type: 'settle', id: settled, amounts: bucketsOf(settled).map(() => 700), refund: true })
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const isDone = () => done === 2 * all
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 1))
  return cpuMs(before)
}

/** Of the thread of the event loop alone: what others do on the machine meanwhile does not count. */
function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

function shape(name: string, limits: number, tenants: number) {
  const shared = bucketsFor(limits)
  const own = Array.from({ length: tenants }, (_, nth): Bucket[] => [
    {
      key: `budget:tenant=${nth}:tokens:60000`,
      algorithm: 'sliding-window',
      capacity: PLENTY,
      perMs: 60_000,
      guardMs: 0,
      phaseMs: 0,
      steps: 60,
      forgettable: true,
    },
    {
      key: `budget:tenant=${nth}:usd:month`,
      algorithm: 'quota',
      capacity: PLENTY,
      perMs: Infinity,
      calendar: { every: 'month', timeZone: 'UTC' },
      forgettable: true,
    },
  ])
  const each = own.map((budgets) => [...shared, ...budgets])
  return { name, bucketsOf: (nth: number) => each[nth % tenants] ?? shared }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
