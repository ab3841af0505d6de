import { core } from '../../packages/core/test/support/core.ts'
import { MemoryStore } from '../../packages/core/src/store/memory-store.ts'
import { systemClock } from '../../packages/core/src/time/system-clock.ts'
import { virtualClock } from '../../packages/core/src/time/virtual-clock.ts'
import type { Clock } from '../../packages/core/src/time/clock.ts'
import { atOnce, timed } from '../measure.ts'
import type { Case } from '../measure.ts'
import type { Suite } from '../suite.ts'
import { bucketsFor, BUDGETS, LIMITS } from './limits.ts'

const BARS: readonly [count: number, most: number][] = [
  [1, 300],
  [4, 600],
  [8, 1_200],
]
/** 100,000 calls a second. */
const BETWEEN_MS = 0.01

/** Room taken and given back, with nobody waiting: in the store alone, and through admission around it. */
export const reserveSettle: Suite = {
  name: 'reserve-settle',
  async run() {
    const store = BARS.map(([count]) => throughStore(count))
    const admission = [
      ...BARS.map(([count]) => {
        const clock = virtualClock()
        return throughAdmission('admission', count, clock, () => clock.step(BETWEEN_MS))
      }),
      ...BARS.map(([count]) => throughAdmission('admission, system clock', count, systemClock, () => {})),
    ]
    const cases = [...store, ...admission]
    // Apart: mixed in one loop, each would make the engine give up what it had assumed of the other's objects.
    const times = [...(await timed(store)), ...(await timed(admission))]
    return cases.map(({ name }, index) => ({
      name,
      value: times[index]!,
      measure: 'ns',
      bar: { most: BARS[index % BARS.length]![1] },
    }))
  },
}

function onReserved({ kind }: { readonly kind: string }): void {
  if (kind !== 'granted') throw new Error('There was no room.')
}

function onSettled(): void {}

function throughStore(count: number): Case {
  const store = new MemoryStore()
  const buckets = bucketsFor(count)
  const leaves = buckets.map(() => 0)
  const reserved = buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : 1_000))
  const used = buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : 700))
  const claimable = Math.min(count, LIMITS.length)
  let id = 0
  let now = 0
  return atOnce(`store, ${limits(count)}`, () => {
    now += BETWEEN_MS
    store.send(
      // Written out as admission does it: to spread one object into another costs as much as a limit.
      {
        type: 'reserve',
        id: ++id,
        buckets,
        amounts: reserved,
        leaves,
        holder: 0,
        rank: 1,
        claimable,
        leaseMs: 60_000,
        parent: undefined,
      },
      now,
      onReserved,
    )
    store.send({ type: 'settle', id, amounts: used, refund: true }, now, onSettled)
  })
}

function throughAdmission(name: string, count: number, clock: Clock, pass: () => void): Case {
  const { admission, asking, target } = core({
    clock,
    targets: { 'openai/model': { limits: LIMITS.slice(0, count) } },
    budgets: count > LIMITS.length ? BUDGETS : [],
  })
  const asked = {
    ...asking(target('openai/model'), { input: 700, output: 300 }),
    attributes: { tenant: 'acme', user: 'ada' },
  }
  const usage = { inputTokens: 600, outputTokens: 100 }
  return atOnce(`${name}, ${limits(count)}`, () => {
    pass()
    // There is none where it was not granted, and that throws.
    admission.reserve(asked).reservation!.settle(usage, 'exact')
  })
}

function limits(count: number): string {
  return count === 1 ? '1 limit' : `${count} limits`
}
