import { chargePlan } from '../../src/budget/charges.ts'
import type { ChargeLine } from '../../src/budget/charges.ts'
import { Waiter } from '../../src/budget/waiter.ts'
import type { Ask, Rank } from '../../src/budget/waiter.ts'

let lastSeq = 0

/** A waiter by itself, for what only looks at who waits: a pool behind it there is none. */
export function waiter({
  tenant = 'acme',
  cost = 10,
  rank = 1,
  run,
  seq = ++lastSeq,
  since = 0,
  deadline = Number.POSITIVE_INFINITY,
  parent,
  own = [],
}: {
  tenant?: string
  cost?: number
  rank?: Rank
  run?: string
  seq?: number
  since?: number
  deadline?: number
  parent?: number
  /** Buckets of its own that it is charged to. */
  own?: readonly string[]
} = {}): Waiter {
  const plan = chargePlan([line('pool')], own.map(line))
  const amounts = plan.lines.map(() => cost)
  const purpose = undefined as never
  const ask: Ask = { purpose, plan, amounts, rank, tenant, run, cost, deadline, parent, seq }
  return new Waiter(ask, since, { leave: () => {}, listenerFailed: () => {} })
}

export function line(key: string): ChargeLine {
  return {
    unit: 'tokens',
    budget: key.startsWith('budget:'),
    bucket: { key, algorithm: 'token-bucket', capacity: 1_000, perMs: 1_000 },
  }
}
