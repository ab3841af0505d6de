import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { virtualClock } from '../time/virtual-clock.ts'
import type { CacheStore } from './cache-config.ts'
import { GuardedStore } from './guarded-store.ts'

function setUp(store: CacheStore) {
  const clock = virtualClock()
  const failed: string[] = []
  const guarded = new GuardedStore({
    store,
    clock,
    now: () => clock.now(),
    deadlineMs: 200,
    onFailed: (op) => failed.push(op),
  })
  return { clock, failed, guarded }
}

const never = () => new Promise<never>(() => {})
const fine: CacheStore = { get: async () => 'value', set: async () => true }

describe('a guarded store', () => {
  it('answers what the store answers', async () => {
    const { guarded, failed, clock } = setUp(fine)
    expect(await guarded.get('key')).toEqual({ kind: 'ok', value: 'value' })
    expect((await guarded.set('key', 'value', 5)).kind).toBe('ok')
    expect([failed, clock.pending]).toEqual([[], 0])
  })

  it('has failed when it hangs, and what comes later is not heard', async () => {
    const { clock, guarded, failed } = setUp({ ...fine, get: never })
    const got = guarded.get('key')
    await clock.advance(200)
    expect((await got).kind).toBe('failed')
    expect(failed).toEqual(['read'])
  })

  it('has failed when it throws, at once or later', async () => {
    const boom = () => {
      throw new Error('no')
    }
    const { guarded, failed } = setUp({ get: boom, set: () => Promise.reject(new Error('no')) })
    expect((await guarded.get('key')).kind).toBe('failed')
    expect((await guarded.set('key', 'value', 5)).kind).toBe('failed')
    expect(failed).toEqual(['read', 'write'])
  })

  it('is left alone after three failures, and asked again after a rest', async () => {
    let asked = 0
    const { clock, guarded, failed } = setUp({
      ...fine,
      get: () => {
        asked++
        return never()
      },
    })
    for (let n = 0; n < 10; n++) {
      const got = guarded.get('key')
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(200)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await got
    }
    expect([asked, failed.length]).toEqual([3, 3])
    await clock.advance(5_000)
    void guarded.get('key')
    void guarded.get('key')
    expect(asked).toBe(4)
  })

  it('hears of a broken connection by itself, and of a miss that was none', async () => {
    const emitter = new EventEmitter()
    const { guarded, failed } = setUp({
      ...fine,
      async get() {
        emitter.emit('error', new Error('connection lost'))
        return undefined
      },
      on: (event, listener) => emitter.on(event, listener),
    })
    emitter.emit('error', new Error('connection lost'))
    expect(failed).toEqual(['connection'])
    expect((await guarded.get('key')).kind).toBe('failed')
  })

  it('knows when all is written', async () => {
    let write: (value: unknown) => void = () => {}
    const { guarded } = setUp({ ...fine, set: () => new Promise((resolve) => (write = resolve)) })
    void guarded.set('key', 'value', 5)
    let isIdle = false
    const idle = guarded.idle().then(() => (isIdle = true))
    await Promise.resolve()
    expect(isIdle).toBe(false)
    write(true)
    await idle
  })
})
