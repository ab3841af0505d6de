import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/port.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { budgetLines } from './budget-lines.ts'
import { countedHit } from './hit.ts'
import { Sender } from './sender.ts'

function setUp(store: Store = new MemoryStore()) {
  const clock = virtualClock()
  const now = () => clock.now()
  const sender = new Sender({ store, clock, now, onFailed: () => {} })
  let id = 0
  const lines = [
    ...budgetLines('a', [{ unit: 'requests', amount: 2, every: 'minute' }], true),
    ...budgetLines('b', [{ unit: 'requests', amount: 1, every: 'hour' }], true),
  ]
  const hit = (of = lines) => countedHit(of, { store, sender, now, id: ++id })
  return { clock, hit, lines }
}

describe('a hit', () => {
  it('takes one of each, all or none, and is refused by the one that takes longest', async () => {
    const { hit, lines, clock } = setUp()
    expect(await hit()).toBeUndefined()
    expect(await hit()).toMatchObject({
      code: 'wait-too-long',
      limit: 'b:requests:hour',
      retryAfterMs: 3_600_000,
    })
    expect(await hit(lines.slice(0, 1))).toBeUndefined()
    expect(await hit()).toMatchObject({ limit: 'b:requests:hour' })
    expect(await hit(lines.slice(0, 1))).toMatchObject({ limit: 'a:requests:minute', retryAfterMs: 60_000 })
    await clock.advance(60_000)
    expect(await hit(lines.slice(0, 1))).toBeUndefined()
  })

  it('stays counted when its lease is over', async () => {
    const { hit, clock } = setUp()
    await hit()
    await clock.advance(600_000)
    expect(await hit()).toMatchObject({ limit: 'b:requests:hour' })
  })

  it('that nothing counts asks no store', async () => {
    const asked: unknown[] = []
    const { hit } = setUp({ send: (op) => void asked.push(op) })
    expect(await hit([])).toBeUndefined()
    expect(asked).toEqual([])
  })

  it('is refused where the store cannot say', async () => {
    const error = new Error('store is down')
    const { hit } = setUp({ send: (_op, _now, done) => done({ kind: 'failure', error }) })
    expect(await hit()).toMatchObject({ code: 'store-unavailable', retryAfterMs: 50 })
  })
})
