import { describe, expect, it } from 'vitest'
import { SharedStream } from './shared-stream.ts'

function setUp(list: unknown[], { maxBytes = 1_000 }: { maxBytes?: number } = {}) {
  const seen = {
    reads: 0,
    returned: [] as unknown[],
    done: [] as unknown[],
    broken: 0,
    left: [] as unknown[],
  }
  const shared = new SharedStream({
    source: {
      async next() {
        seen.reads++
        const part = list.shift()
        if (part instanceof Error) throw part
        if (part === 'never') return new Promise(() => {})
        return part === undefined ? { done: true, value: undefined } : { done: false, value: part }
      },
      async return(reason?: unknown) {
        seen.returned.push(reason)
        return { done: true, value: undefined }
      },
    },
    bytesOf: () => 1,
    maxBytes,
    onDone: async (parts) => void seen.done.push(parts),
    onBroken: () => void seen.broken++,
  })
  const reader = (signal?: AbortSignal) =>
    shared.reader({ copy: (part) => part, signal, onLeft: (reason) => void seen.left.push(reason) })
  return { shared, reader, seen }
}

async function all(reader: AsyncIterator<unknown>): Promise<unknown[]> {
  const list: unknown[] = []
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one part after the other
    const part = await reader.next()
    if (part.done === true) return list
    list.push(part.value)
  }
}

describe('a shared stream', () => {
  it('gives each reader all of it, and reads each part once', async () => {
    const { reader, seen } = setUp([1, 2, 3])
    const readers = [reader(), reader(), reader()]
    expect(await Promise.all(readers.map(all))).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect([seen.reads, seen.done, seen.broken, seen.returned]).toEqual([4, [[1, 2, 3]], 0, []])
  })

  it('reads nothing that nobody asked for', async () => {
    const { reader, seen } = setUp([1, 2, 3])
    const one = reader()
    expect(seen.reads).toBe(0)
    await one.next()
    await reader().next()
    expect(seen.reads).toBe(1)
  })

  it('tells all of an error, after what came before it', async () => {
    const { reader, seen, shared } = setUp([1, new Error('broke')])
    const [one, two] = [reader(), reader()]
    await expect(all(one)).rejects.toThrow('broke')
    expect(await two.next()).toEqual({ done: false, value: 1 })
    await expect(two.next()).rejects.toThrow('broke')
    expect(await two.next()).toEqual({ done: true, value: undefined })
    expect([seen.broken, shared.joinable, seen.done]).toEqual([1, false, []])
  })

  it('is cancelled by the last one to leave, also while a part is waited for', async () => {
    const { reader, seen } = setUp(['never'])
    const [one, two] = [reader(), reader()]
    const waiting = [one.next(), two.next()]
    await one.return!('enough')
    expect(await waiting[0]).toEqual({ done: true, value: undefined })
    expect(seen.returned).toEqual([])
    await two.return!('me too')
    await two.return!('again')
    expect(await waiting[1]).toEqual({ done: true, value: undefined })
    expect([seen.returned, seen.left, seen.broken]).toEqual([['me too'], ['enough', 'me too'], 1])
  })

  it('lets go of a reader whose signal aborts, with its reason', async () => {
    const { reader, seen } = setUp([1, 'never'])
    const controller = new AbortController()
    const [one, two] = [reader(controller.signal), reader()]
    await one.next()
    const waiting = one.next()
    controller.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    await expect(one.next()).rejects.toThrow('left')
    expect(await two.next()).toEqual({ done: false, value: 1 })
    expect([seen.left.length, seen.returned]).toEqual([1, []])
  })

  it('one that has read all of it is not aborted by a signal that comes later', async () => {
    const { reader, seen } = setUp([1])
    const controller = new AbortController()
    const one = reader(controller.signal)
    await all(one)
    controller.abort()
    expect(await one.next()).toEqual({ done: true, value: undefined })
    expect(seen.left).toEqual([])
  })

  it('that grows too large is not kept from its start: who reads it has it whole, nobody may join', async () => {
    const { shared, reader, seen } = setUp([1, 2, 3], { maxBytes: 2 })
    const slow = reader()
    const fast = reader()
    expect(await all(fast)).toEqual([1, 2, 3])
    expect([shared.joinable, seen.done]).toEqual([false, [undefined]])
    expect(await all(slow)).toEqual([1, 2, 3])
  })
})
