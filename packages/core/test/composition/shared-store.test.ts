import type { Store, StoreWatcher } from '@plimsoll/core'
import { MemoryStore } from '@plimsoll/core/testing'
import { describe, expect, it } from 'vitest'
import { outcomeOf, setUp, used } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 60, maxOutputTokens: 40 } as const
const SLOT = { targets: { 'openai/model': { limits: { concurrency: 1 } } } } as const

/** A store in memory that two processes share, each of which is told what the other one frees. */
function shared() {
  const inner = new MemoryStore()
  const asked: string[] = []
  const watchers = new Set<StoreWatcher>()
  const store: Store = {
    send(op, now, done) {
      asked.push(op.type)
      inner.send(op, now, done)
    },
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
  }
  return { store, asked, watchers }
}

describe('a store that others use too', () => {
  it('wakes whoever waits for what another process gave back, once, and asks nothing meanwhile', async () => {
    const { store, asked, watchers } = shared()
    const { clock, plimsoll } = setUp({ ...SLOT, store })
    const { limits } = await plimsoll.headroom(CALL.target)
    // Stands for a call of the other process.
    expect(plimsoll.reserve(CALL).state).toBe('granted')
    const waiting = outcomeOf(plimsoll.call(CALL, async () => used(60, 40)))
    await clock.advance(100)
    const before = asked.length
    await clock.advance(1_000)
    for (const { freed } of watchers) freed(['something else'])
    expect(asked.length).toBe(before)
    for (const { freed } of watchers) freed([limits[0]!.key])
    expect(asked.slice(before)).toEqual(['reserve'])
    plimsoll.close()
    expect(await waiting).toBe('closed')
  })

  it('says when it is lost and when it is regained, and is left alone once all is closed', () => {
    const { store, watchers } = shared()
    const { plimsoll, events } = setUp({ ...SLOT, store })
    const error = new Error('gone')
    for (const watcher of watchers) {
      watcher.lost('local', error)
      watcher.regained()
    }
    expect(events).toMatchObject([
      { type: 'store.lost', instead: 'local', error },
      { type: 'store.regained' },
    ])
    plimsoll.close()
    expect(watchers.size).toBe(0)
  })
})
