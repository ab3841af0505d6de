import { describe, expect, it } from 'vitest'
import { deferQueue } from './defer-queue.ts'
import type { DeferredJob } from './defer-queue.ts'

const job = (id: string): DeferredJob => ({
  id,
  at: 0,
  task: 'digest',
  target: 'openai/model',
  attributes: { tenant: 'acme' },
  request: { prompt: id },
})

/** As a Keyv over a file is: nothing but JSON gets through, and everything takes a while. */
function slowJson() {
  const kept = new Map<string, string>()
  const late = async <R>(fn: () => R): Promise<R> => {
    await new Promise((done) => setImmediate(done))
    return fn()
  }
  return {
    kept,
    get: (key: string) => late(() => JSON.parse(kept.get(key) ?? 'null') as unknown),
    set: (key: string, value: unknown) => late(() => kept.set(key, JSON.stringify(value))),
    delete: (key: string) => late(() => kept.delete(key)),
  }
}

describe.each([
  ['in memory', () => new Map<string, unknown>()],
  ['in a store of JSON that takes its time', slowJson],
])('a queue %s', (_where, storeOf) => {
  it('gives jobs out oldest first, whole, each to one', async () => {
    const queue = deferQueue({ store: storeOf() })
    await Promise.all(['a', 'b', 'c'].map((id) => queue.push(job(id))))
    const seen: DeferredJob[] = []
    const taking = Array.from({ length: 5 }, () => queue.run(async (one) => seen.push(one)))
    expect(await Promise.all(taking)).toEqual([true, true, true, false, false])
    expect(seen).toEqual([job('a'), job('b'), job('c')])
    expect(await queue.size()).toBe(0)
  })

  it('keeps a job until it has been run, and puts one that fails behind the others', async () => {
    const store = storeOf()
    const queue = deferQueue({ store })
    await queue.push(job('a'))
    await queue.push(job('b'))
    await expect(queue.run(() => Promise.reject(new Error('still down')))).rejects.toThrow('still down')
    expect(await queue.size()).toBe(2)
    const seen: string[] = []
    while (await queue.run(async ({ id }) => seen.push(id)));
    expect(seen).toEqual(['b', 'a'])
  })

  it('finds after a crash what was under way', async () => {
    const store = storeOf()
    const crashed = deferQueue({ store })
    await crashed.push(job('a'))
    void crashed.run(() => new Promise(() => {}))
    await new Promise((done) => setTimeout(done, 20))
    const queue = deferQueue({ store })
    expect(await queue.run(async ({ id }) => expect(id).toBe('a'))).toBe(true)
  })

  it('takes no more than it may hold, and the same job once', async () => {
    const queue = deferQueue({ store: storeOf(), max: 2 })
    await queue.push(job('a'))
    await queue.push(job('a'))
    await queue.push(job('b'))
    await expect(queue.push(job('c'))).rejects.toMatchObject({ code: 'queue-full' })
    expect(await queue.size()).toBe(2)
  })
})

it('a job that its store has lost is passed over', async () => {
  const store = slowJson()
  const queue = deferQueue({ store, name: 'later' })
  await queue.push(job('a'))
  await queue.push(job('b'))
  store.kept.delete('later:a')
  expect(await queue.run(async ({ id }) => expect(id).toBe('b'))).toBe(true)
  expect([await queue.size(), [...store.kept.keys()]]).toEqual([0, ['later']])
})
