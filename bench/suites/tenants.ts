import { MemoryStore } from '../../packages/core/src/store/memory-store.ts'
import { virtualClock } from '../../packages/core/src/time/virtual-clock.ts'
import { createPlimsoll } from '../../packages/core/src/plimsoll.ts'
import { heapInUse } from '../measure.ts'
import type { Suite } from '../suite.ts'

const TENANTS = 1_000_000
const MAX_KEYS = 100_000
/** A million tenants within ten minutes. */
const EVERY_MS = 0.6

/** As many tenants as come along, each under budgets of its own, through a store that keeps a bounded number. */
export const tenants: Suite = {
  name: 'tenants',
  async run() {
    const clock = virtualClock({ start: Date.parse('2026-01-15') })
    let forgotten = 0
    const store = new MemoryStore({ maxKeys: MAX_KEYS, onForgotten: () => forgotten++ })
    const plimsoll = createPlimsoll({
      clock,
      store,
      targets: { 'openai/model': { limits: { rpm: 1e9 } } },
      prices: { 'openai/model': { input: 1, output: 4 } },
      budgets: [
        { per: 'tenant', tpm: 100_000 },
        { per: 'tenant', usd: 50, every: 'month' },
      ],
    })
    const call = { target: 'openai/model', inputTokens: 500, maxOutputTokens: 100 }
    const before = heapInUse()
    const began = performance.now()
    for (let tenant = 0; tenant < TENANTS; tenant++) {
      clock.step(EVERY_MS)
      const { reservation } = plimsoll.reserve({ ...call, tenant: `tenant-${tenant}` })
      reservation!.settle({ inputTokens: 480, outputTokens: 60 }, 'exact')
    }
    const elapsed = performance.now() - began
    const bytes = heapInUse() - before
    if (store.buckets > MAX_KEYS || forgotten === 0) throw new Error('The store has not kept to its bound.')
    return [
      {
        name: 'a call of a tenant that is new, two budgets',
        value: (elapsed * 1_000) / TENANTS,
        measure: 'us',
      },
      { name: 'memory after a million tenants', value: bytes, measure: 'B', bar: { most: 200e6 } },
      { name: 'of it for each key that is kept', value: bytes / store.buckets, measure: 'B' },
    ]
  },
}
