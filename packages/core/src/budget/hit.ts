import type { PlimsollError } from '../call/errors.ts'
import type { AnswerTo, ReserveOp, Store } from '../store/port.ts'
import type { ChargeLine } from './charges.ts'
import { storeUnavailable, waitTooLong } from './refusals.ts'
import { RETRY_MS } from './sender.ts'
import type { Sender } from './sender.ts'

/** Taken and settled in one go: it need not outlive the answer of a store. */
const LEASE_MS = 5_000

/** Takes one request of each line, all or none, for an answer that is there already. Returns why it cannot. */
export async function countedHit(
  lines: readonly ChargeLine[],
  { store, sender, now, id }: { store: Store; sender: Sender; now: () => number; id: number },
): Promise<PlimsollError | undefined> {
  if (lines.length === 0) return undefined
  const amounts = lines.map(() => 1)
  const op: ReserveOp = {
    type: 'reserve',
    id,
    buckets: lines.map(({ bucket }) => bucket),
    amounts,
    leaves: lines.map(() => 0),
    holder: id,
    rank: 0,
    claimable: 0,
    leaseMs: LEASE_MS,
  }
  const answer = await new Promise<AnswerTo<ReserveOp>>((resolve) => store.send(op, now(), resolve))
  if (answer.kind === 'failure') return storeUnavailable('budgets', RETRY_MS, answer.error)
  if (answer.kind === 'granted') {
    sender.surely({ type: 'settle', id, amounts, refund: false }, now())
    return undefined
  }
  const slowest = answer.lacks.reduce((one, other) => (other.waitMs > one.waitMs ? other : one))
  return waitTooLong(lines[slowest.index]!.bucket.key, slowest.waitMs)
}
