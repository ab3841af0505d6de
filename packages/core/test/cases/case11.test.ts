import type { Store } from '@plimsoll/core'
import { MemoryStore } from '@plimsoll/core/testing'
import { describe, expect, it } from 'vitest'
import { outcomeOf, setUp, used } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 60, maxOutputTokens: 40 } as const
const CONFIG = {
  targets: { 'openai/model': { limits: { rpm: 1_000 } } },
  budgets: [{ per: 'tenant', tokens: 200, every: 'month' }],
} as const

/** A store that fails to write what `fails` names, before or after doing it. */
function failing(
  fails: (type: string) => boolean,
  { after }: { after: boolean },
): Store & { inner: MemoryStore } {
  const inner = new MemoryStore()
  return {
    inner,
    send(op, now, done) {
      if (!fails(op.type)) return inner.send(op, now, done)
      if (after) inner.send(op, now, () => {})
      done({ kind: 'failure', error: new Error('the store is down') } as never)
    },
  }
}

describe('case 11: a reservation that cannot be written', () => {
  it.each([{ after: false }, { after: true }])(
    'lets nobody through, and is no charge: %o',
    async ({ after }) => {
      let down = true
      const store = failing((type) => down && type === 'reserve', { after })
      const { clock, plimsoll, events } = setUp({ ...CONFIG, store })
      let sent = 0
      const calls = Array.from({ length: 20 }, () =>
        outcomeOf(
          plimsoll.call(CALL, async () => {
            sent++
            return used(60, 40)
          }),
        ),
      )
      await clock.advance(10_000)
      expect([...new Set(await Promise.all(calls))]).toEqual(['store-unavailable'])
      expect(sent).toBe(0)
      expect(events.some(({ type }) => type === 'store.failed')).toBe(true)
      down = false
      await clock.advance(10_000)
      const { limits } = await plimsoll.headroom('openai/model')
      expect([limits.map(({ available }) => available), store.inner.open]).toEqual([[1_000, 200], 0])
      expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    },
  )

  it('a settlement that cannot be written is written later: no overrun is forgotten', async () => {
    let down = true
    const store = failing((type) => down && type === 'settle', { after: false })
    const { clock, plimsoll } = setUp({ ...CONFIG, store })
    await plimsoll.call(CALL, async () => used(60, 140))
    down = false
    await clock.advance(10_000)
    expect(plimsoll.reserve(CALL).state).toBe('rejected')
  })
})
