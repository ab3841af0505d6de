import { createPlimsoll } from '@plimsoll/core'
import { MemoryStore } from '../../packages/core/src/store/memory-store.ts'
import { inTurn, timed } from '../measure.ts'
import type { Case } from '../measure.ts'
import type { Figure, Suite } from '../suite.ts'
import { contestants, FOUR_POLICIES } from './contestants.ts'
import { bucketsFor, LIMITS } from './limits.ts'

const TARGET = 'openai/model'
const USAGE = { inputTokens: 600, outputTokens: 100 }
const job = async () => ({ usage: USAGE })

/** The same work by others: let a job in at once, run it. It does nothing. */
export const neighbours: Suite = {
  name: 'neighbours',
  comparedWith: 'an awaited promise',
  async run() {
    const resolved = Promise.resolve()
    const cases = [inTurn('an awaited promise', () => resolved), ...ours(), ...contestants()]
    const times = await timed(cases, { rounds: 11, roundMs: 20 })
    const most = times[cases.findIndex(({ name }) => name === FOUR_POLICIES)]! / 1_000
    return cases.map(({ name }, index): Figure => ({
      name,
      value: times[index]! / 1_000,
      measure: 'us',
      ratio: times[index]! / times[0]!,
      ...(name.startsWith('plimsoll.call') && { bar: { most } }),
    }))
  },
}

function ours(): Case[] {
  const plimsoll = createPlimsoll({
    targets: { [TARGET]: { limits: LIMITS } },
    tasks: {
      answer: {
        targets: [TARGET, 'openai/other'],
        timeouts: { attemptMs: 60_000 },
        retry: { maxAttempts: 3 },
        degrade: [{ message: 'Later, please.' }],
      },
    },
  })
  const size = { tenant: 'acme', inputTokens: 700, maxOutputTokens: 300 }
  const call = { target: TARGET, ...size }
  const routed = { task: 'answer', ...size }
  const store = new MemoryStore()
  const buckets = bucketsFor(LIMITS.length)
  const leaves = buckets.map(() => 0)
  const shared = { buckets, leaves, holder: 0, rank: 1, claimable: buckets.length, leaseMs: 60_000 }
  let id = 0
  return [
    inTurn('plimsoll, store of 4 limits', async () => {
      store.send(
        { type: 'reserve', id: ++id, amounts: [1_000, 1, 1_000, 1], ...shared },
        performance.now(),
        () => {},
      )
      await job()
      store.send({ type: 'settle', id, amounts: [700, 1, 700, 1], refund: true }, performance.now(), () => {})
    }),
    inTurn('plimsoll.reserve, 4 limits', async () => {
      const { reservation } = plimsoll.reserve(call)
      const { usage } = await job()
      reservation!.settle(usage, 'exact')
    }),
    inTurn('plimsoll.call, 4 limits', () => plimsoll.call(call, job)),
    inTurn('plimsoll.call, routed, with a time-out and a rung', () => plimsoll.call(routed, job)),
  ]
}
