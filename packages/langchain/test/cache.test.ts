import type { CacheStore } from '@plimsoll/core'
import type { BaseMessage } from '@langchain/core/messages'
import { describe, expect, it } from 'vitest'
import { PlimsollCache, withPlimsoll } from '../src/index.ts'
import { CLIENTS, listening, openai, startFake } from './support.ts'

const ttlMs = 60_000

describe.each(Object.entries(CLIENTS))('the cache, in a model of %s', (_, { make }) => {
  it('answers again what was asked before, with a copy that is billed nothing', async () => {
    await using server = await startFake()
    const model = make(server)
    model.cache = new PlimsollCache(listening().plimsoll, { ttlMs })
    const first = await model.invoke('Hello')
    const text = first.text
    const usage = JSON.stringify(first.usage_metadata)
    const second = await model.invoke('Hello')
    second.content = 'changed'
    const third = await model.invoke('Hello')
    expect(server.stats().total.received).toBe(1)
    expect(third.text).toBe(text)
    expect(third.usage_metadata).toMatchObject({ total_tokens: 0 })
    // LangChain bills a hit nothing by changing what it was handed.
    expect(JSON.stringify(first.usage_metadata)).toBe(usage)
    expect(third.constructor).toBe(first.constructor)
  })
})

describe('the cache', () => {
  it('is each tenant’s own', async () => {
    await using server = await startFake()
    const { plimsoll } = listening()
    const model = openai(server)
    model.cache = new PlimsollCache(plimsoll, { ttlMs })
    for (const tenant of ['a', 'b', 'a', 'b']) await plimsoll.with({ tenant }, () => model.invoke('Hello'))
    expect(server.stats().total.received).toBe(2)
    model.cache = new PlimsollCache(plimsoll, { ttlMs, scope: 'shared' })
    for (const tenant of ['a', 'b']) await plimsoll.with({ tenant }, () => model.invoke('Hello'))
    expect(server.stats().total.received).toBe(3)
  })

  it('lets no API key out', async () => {
    await using server = await startFake()
    const kept = new Map<string, string>()
    const store: CacheStore = {
      get: async (key) => kept.get(key),
      set: async (key, value) => kept.set(key, value),
    }
    const { plimsoll } = listening({ cache: { store, secret: 's'.repeat(32) } })
    const model = openai(server, { apiKey: 'sk-very-secret' })
    model.cache = new PlimsollCache(plimsoll, { ttlMs })
    await model.invoke('Hello')
    await plimsoll.flush()
    expect(kept.size).toBeGreaterThan(0)
    expect(JSON.stringify([...kept])).not.toContain('sk-very-secret')
  })

  it('fails no call when its store does, or holds what others wrote', async () => {
    await using server = await startFake()
    const broken: CacheStore = {
      get: () => Promise.reject(new Error('down')),
      set: () => Promise.reject(new Error('down')),
    }
    for (const store of [
      broken,
      { get: async () => '{"v":1,"at":1e15,"target":"","data":7}', set: async () => true },
    ]) {
      const model = openai(server)
      model.cache = new PlimsollCache(listening({ cache: { store, secret: 's'.repeat(32) } }).plimsoll, {
        ttlMs,
      })
      expect((await model.invoke('Hello')).text).not.toBe('')
    }
  })

  it('keeps no answer that was cut short', async () => {
    await using server = await startFake()
    const model = openai(server, { maxTokens: 3 })
    model.cache = new PlimsollCache(listening().plimsoll, { ttlMs })
    await model.invoke('Hello')
    await model.invoke('Hello')
    expect(server.stats().total.received).toBe(2)
  })

  it('keeps none that stood in for one', async () => {
    await using server = await startFake({ faults: [{ kind: 'server-error', times: 3 }] })
    const { plimsoll } = listening({
      tasks: { chat: { retry: { maxAttempts: 1 }, degrade: [{ message: 'Busy.' }] } },
    })
    const model = withPlimsoll(openai(server), plimsoll, { task: 'chat' })
    model.cache = new PlimsollCache(plimsoll, { ttlMs })
    const texts: string[] = []
    for (let times = 0; times < 4; times++) texts.push(((await model.invoke('Hello')) as BaseMessage).text)
    expect(texts.slice(0, 3)).toEqual(['Busy.', 'Busy.', 'Busy.'])
    expect(texts[3]).not.toBe('Busy.')
  })

  it('needs a time', () => {
    expect(() => new PlimsollCache(listening().plimsoll, { ttlMs: 0 })).toThrow(/`ttlMs` is 0/)
  })
})
