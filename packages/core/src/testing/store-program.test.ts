import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../store/memory-store.ts'
import type { Op, Store } from '../store/port.ts'
import { answered, disagreement, storeProgram } from './store-program.ts'

const PROGRAMS = Array.from({ length: 60 }, (_, seed) => storeProgram(seed, 150))

/** The store in memory, to which each operation is told otherwise. */
function misled(change: (op: Op) => Op): Store {
  const inner = new MemoryStore()
  return { send: (op, now, done) => inner.send(change(op) as typeof op, now, done) }
}

async function found(make: () => Store): Promise<number> {
  const all = await Promise.all(PROGRAMS.map((steps) => disagreement(make(), steps)))
  return all.filter((one) => one !== undefined).length
}

describe('programs that stores are compared by', () => {
  it('ask for everything, and are granted some of it', async () => {
    const reached = new Map<string, number>()
    for (const steps of PROGRAMS) {
      const store = new MemoryStore()
      for (const { op, now } of steps) {
        const { kind } = await answered(store, op, now)
        reached.set(`${op.type} ${kind}`, (reached.get(`${op.type} ${kind}`) ?? 0) + 1)
      }
    }
    const told =
      'acknowledge refresh settle release-slots cancel unclaim unlead pause observe resize forget forget-holder'
    const expected = [
      ...told.split(' ').map((type) => `${type} done`),
      'reserve granted',
      'reserve refused',
      'peek levels',
      'lead leads',
      'lead follows',
      'lead over',
    ]
    for (const one of expected) expect(reached.get(one) ?? 0, one).toBeGreaterThan(40)
  })

  it('find nothing wrong with the model itself', async () => {
    expect(await found(() => new MemoryStore())).toBe(0)
  })

  it('are longer at their end only', () => {
    expect(storeProgram(7, 90).slice(0, 40)).toEqual(storeProgram(7, 40))
  })

  const faults: Record<string, (op: Op) => Op> = {
    'forgets what is to be left': (op) => ('leaves' in op ? { ...op, leaves: op.leaves.map(() => 0) } : op),
    'has one holder for all claims': (op) =>
      'holder' in op && op.type === 'reserve' ? { ...op, holder: 1 } : op,
    'lays no claims': (op) => (op.type === 'reserve' ? { ...op, claimable: 0 } : op),
    'makes all leases long': (op) => (op.type === 'reserve' ? { ...op, leaseMs: 1e9 } : op),
    'lends no slots': (op) => (op.type === 'reserve' ? { ...op, parent: undefined } : op),
    'refunds always': (op) => (op.type === 'settle' ? { ...op, refund: true } : op),
    'takes what was cancelled for used': (op) =>
      op.type === 'cancel' ? { type: 'settle', id: op.id, amounts: [0, 0, 0, 0], refund: false } : op,
    'believes headers too much': (op) => (op.type === 'observe' ? { ...op, ageMs: 0 } : op),
    'lets nobody lead who is more urgent': (op) => (op.type === 'lead' ? { ...op, rank: 2 } : op),
    'hears of work that is done as of work that is given up': (op) =>
      op.type === 'unlead' ? { ...op, overMs: 0 } : op,
    'pauses too briefly': (op) => (op.type === 'pause' ? { ...op, forMs: op.forMs / 2 } : op),
  }
  it.each(Object.entries(faults))('find a store that %s', async (_fault, change) => {
    expect(await found(() => misled(change))).toBeGreaterThan(0)
  })
})
