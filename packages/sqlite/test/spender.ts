// A process that spends a budget kept in a file. Its parent tells it how it is to end, and hears what it was promised.
import type { ReserveOp } from '@plimsoll/core'
import { systemClock } from '@plimsoll/core/store'
import { fileStore } from '@plimsoll/sqlite'
import { AT_ONCE, BUDGET, ESTIMATE, LEASE_MS, USED } from './spending.ts'
import type { Promised } from './spending.ts'

const [path, ends] = process.argv.slice(2)
const store = await fileStore({ path: path! })
let id = 0
let settled = 0
let granted = 0

function reserve(): ReserveOp {
  const terms = { leaves: [0], holder: 1, rank: 1, claimable: 0, leaseMs: LEASE_MS }
  return { type: 'reserve', id: ++id, buckets: [BUDGET], amounts: [ESTIMATE], ...terms }
}

/** A call of some milliseconds. */
async function call(): Promise<void> {
  const op = reserve()
  store.send(op, systemClock.now(), ({ kind }) => {
    if (kind !== 'granted') throw new Error('There was no room.')
    granted++
  })
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 15))
  store.send({ type: 'acknowledge', id: op.id }, systemClock.now(), () => {})
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 15))
  const before = granted
  store.send({ type: 'settle', id: op.id, amounts: [USED], refund: true }, systemClock.now(), ({ kind }) => {
    if (kind !== 'done') return process.send!({ failed: true })
    process.send!({ settled: ++settled, granted: before } satisfies Promised)
  })
}

if (ends === 'by itself') await Promise.all(Array.from({ length: 5 }, call))
else for (;;) await Promise.all(Array.from({ length: AT_ONCE }, call))
