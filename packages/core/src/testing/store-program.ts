import { MemoryStore } from '../store/memory-store.ts'
import type { AnswerTo, Bucket, Op, ReserveOp, Store } from '../store/port.ts'
import { seededRandom } from '../time/random.ts'

/** An operation and the time at which a store is to do it. */
export interface StoreStep {
  readonly op: Op
  readonly now: number
}

const SECOND = 1_000
const DAY = 86_400_000
/** Who may lay claims. */
const HOLDERS = 4
/** Late on a day: programs often go over midnight. */
const START = Date.UTC(2026, 1, 27, 23, 59, 40)

/** One of each kind, small enough to be used up. */
const BUCKETS: readonly Bucket[] = [
  { key: 'bucket', algorithm: 'token-bucket', capacity: 100, perMs: 10 * SECOND },
  { key: 'burst', algorithm: 'token-bucket', capacity: 40, amount: 100, perMs: 10 * SECOND },
  { key: 'sliding', algorithm: 'sliding-window', capacity: 100, perMs: 10 * SECOND },
  { key: 'live', algorithm: 'sliding-window', capacity: 100, perMs: 10 * SECOND, live: true, steps: 7 },
  { key: 'unknown-phase', algorithm: 'fixed-window', capacity: 100, perMs: 10 * SECOND },
  { key: 'known-phase', algorithm: 'fixed-window', capacity: 100, perMs: 5 * SECOND, phaseMs: 0 },
  { key: 'slots', algorithm: 'slots', capacity: 5, perMs: Number.POSITIVE_INFINITY },
  { key: 'unknown', algorithm: 'sliding-window', capacity: Number.POSITIVE_INFINITY, perMs: 10 * SECOND },
  {
    key: 'budget:tenant=acme:tokens:day',
    algorithm: 'quota',
    capacity: 200,
    perMs: DAY,
    calendar: { every: 'day', timeZone: 'Europe/Berlin' },
    forgettable: true,
    estimated: true,
  },
  {
    key: 'budget:tenant=acme+user=ann:tokens:minute',
    algorithm: 'quota',
    capacity: 150,
    perMs: 60 * SECOND,
    calendar: { every: 'minute', timeZone: 'UTC' },
    forgettable: true,
  },
  {
    key: 'budget:run=r:tokens',
    algorithm: 'quota',
    capacity: 300,
    perMs: Number.POSITIVE_INFINITY,
    estimated: true,
  },
]

/**
 * Anything that may be asked of a store, in an order that time could bring: the same for the same seed. A shorter program
 * is the beginning of a longer one.
 */
export function storeProgram(seed: number, length: number): StoreStep[] {
  const random = seededRandom(seed)
  const whole = (below: number) => Math.floor(random() * below)
  const one = <T>(from: readonly T[]): T => from[whole(from.length)]!
  const ids: number[] = []
  const resized = new Map<string, Bucket>()
  let now = START
  const some = (): Bucket[] => {
    const count = 1 + whole(3)
    const picked = new Set(Array.from({ length: count }, () => one(BUCKETS)))
    return [...picked].map((bucket) => resized.get(bucket.key) ?? bucket)
  }
  const known = () => (random() < 0.95 && ids.length > 0 ? one(ids.slice(-12)) : 1_000_000)
  const amountFor = ({ algorithm }: Bucket) => (algorithm === 'slots' ? 1 + whole(2) : whole(60))
  const slots = BUCKETS.find(({ algorithm }) => algorithm === 'slots')!
  const reserve = (): ReserveOp => {
    const id = ids.length + 1
    const parent = random() < 0.3 ? known() : undefined
    const picked = some()
    const wantsSlot = random() < 0.3 && !picked.some(({ key }) => key === slots.key)
    const buckets = wantsSlot ? [...picked, resized.get(slots.key) ?? slots] : picked
    ids.push(id)
    return {
      type: 'reserve',
      id,
      buckets,
      amounts: buckets.map((bucket) => (random() < 0.02 ? 1_000 : amountFor(bucket))),
      leaves: buckets.map(() => (random() < 0.3 ? whole(30) : 0)),
      holder: whole(HOLDERS),
      rank: whole(3),
      claimable: whole(buckets.length + 1),
      leaseMs: random() < 0.3 ? 2 * SECOND : 60 * SECOND,
      ...(parent === undefined ? {} : { parent }),
    }
  }
  const operation = (): Op => {
    const dice = whole(100)
    if (dice < 40) return reserve()
    if (dice < 52) return { type: 'acknowledge', id: known() }
    if (dice < 66) {
      return {
        type: 'settle',
        id: known(),
        amounts: Array.from({ length: 4 }, () => whole(80)),
        refund: random() < 0.7,
      }
    }
    if (dice < 72) return { type: 'cancel', id: known() }
    if (dice < 75) return { type: 'release-slots', id: known() }
    if (dice < 78) return { type: 'refresh', id: known() }
    if (dice < 80) return { type: 'unclaim', holder: whole(HOLDERS), buckets: some() }
    if (dice < 82) {
      const buckets = some()
      return { type: 'pause', buckets, forMs: whole(3_000), largest: buckets.map(() => whole(30)) }
    }
    if (dice < 87) {
      const [bucket] = some()
      const resetMs = random() < 0.5 ? whole(bucket!.perMs === Infinity ? 1 : bucket!.perMs) : undefined
      return { type: 'observe', bucket: bucket!, remaining: whole(100), resetMs, ageMs: whole(1_500) }
    }
    if (dice < 89) {
      const [bucket] = some()
      const perMs = random() < 0.3 ? bucket!.perMs * 2 : bucket!.perMs
      const other = {
        ...bucket!,
        capacity: 20 + whole(200),
        ...(bucket!.algorithm === 'quota' ? {} : { perMs }),
      }
      resized.set(other.key, other)
      return { type: 'resize', bucket: other }
    }
    if (dice < 90) return { type: 'forget', keys: some().map(({ key }) => key) }
    if (dice < 91) return { type: 'forget-holder', holder: one(['tenant=acme', 'user=ann', 'tenant=other']) }
    if (dice < 97) {
      const work = { key: random() < 0.9 ? 'work' : 'other work', holder: whole(2) }
      if (random() < 0.3) return { type: 'unlead', ...work, overMs: whole(3) * 30 * SECOND }
      return { type: 'lead', ...work, rank: whole(2), ttlMs: whole(90 * SECOND) }
    }
    const buckets = some()
    return { type: 'peek', buckets, amounts: buckets.map(amountFor), leaves: buckets.map(() => whole(20)) }
  }
  const later = (): number => {
    const dice = random()
    if (dice < 0.3) return 0
    if (dice < 0.7) return whole(400) / 4
    if (dice < 0.97) return whole(2_000)
    return dice < 0.995 ? whole(30 * SECOND) : whole(DAY)
  }
  return Array.from({ length }, () => {
    now += later()
    return { op: operation(), now }
  })
}

/** Before which of the steps a store is ended, and how it is taken up again. */
export interface Restarts {
  readonly before: ReadonlySet<number>
  /** At the time that it is told next. */
  reopen(now: number): Promise<Store>
}

/**
 * Where a store answers otherwise than the one in memory, which is the model of them all; undefined when it never does.
 * The store must go by the times it is told.
 *
 * One that outlives its process may be restarted on the way: it must answer then as one that never was, but that nobody is
 * left to tell it of what was reserved before, nor waits for what he laid claim on. Who leads is not asked from then on:
 * that ends with those who do.
 */
export async function disagreement(
  store: Store,
  steps: readonly StoreStep[],
  { before, reopen }: Restarts = { before: new Set(), reopen: async () => store },
): Promise<string | undefined> {
  const model = new MemoryStore()
  let restarted = false
  let ids = new Set<number>()
  const dead = new Set<number>()
  for (const [index, { op: asked, now }] of steps.entries()) {
    if (before.has(index)) {
      restarted = true
      store = await reopen(now)
      for (const id of ids) dead.add(id)
      ids = new Set()
      // Of both: leases that have run out meanwhile then end at the same moment.
      for (const one of [model, store])
        for (let holder = 0; holder < HOLDERS; holder++)
          await answered(one, { type: 'unclaim', holder, buckets: BUCKETS }, now)
    }
    const op = withoutDead(asked, dead)
    if (op === undefined || (op.type === 'lead' && restarted)) continue
    if (op.type === 'reserve') ids.add(op.id)
    const expected = await answered(model, op, now)
    const actual = await answered(store, op, now)
    if (!alike(expected, actual)) {
      return `step ${index}, ${JSON.stringify(op)}: ${shown(actual)} and not ${shown(expected)}`
    }
  }
  return undefined
}

/** An operation as it would be asked after those who made these reservations have died, if at all. */
function withoutDead(op: Op, dead: ReadonlySet<number>): Op | undefined {
  if (op.type === 'reserve')
    return op.parent !== undefined && dead.has(op.parent) ? { ...op, parent: undefined } : op
  return 'id' in op && dead.has(op.id) ? undefined : op
}

/** What a store answers to an operation. */
export function answered<O extends Op>(store: Store, op: O, now: number): Promise<AnswerTo<O>> {
  return new Promise((resolve) => store.send(op, now, resolve))
}

/** Sums that were added up in another order differ in their last digits. */
function alike(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') {
    return one === other || Math.abs(one - other) <= 1e-6 * Math.max(1, Math.abs(one))
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => alike(one[name as never], other[name as never]))
}

function shown(answer: unknown): string {
  return JSON.stringify(answer, (_key, value: unknown) => (typeof value === 'number' ? `${value}` : value))
}
