import { describe, expect, it, vi } from 'vitest'
import type { PartInfo } from '../call/host.ts'
import { FollowedStream } from './follow.ts'
import type { Followed } from './follow.ts'

const CONTENT: PartInfo = { content: true }

function follow(source: AsyncIterator<PartInfo>, signal = new AbortController().signal) {
  const ends: Followed[] = []
  const seen = { parts: 0, pulls: 0, content: 0 }
  const stream = new FollowedStream<AsyncIterator<unknown>>(
    { kind: 'stream', source, info: (part) => part as PartInfo, value: (over) => over },
    {
      signal,
      onPull: () => void seen.pulls++,
      onPart: () => void seen.parts++,
      onContent: () => void seen.content++,
      onEnd: (end) => ends.push(end),
    },
  )
  return { stream, ends, seen }
}

async function* parts(...list: readonly PartInfo[]): AsyncGenerator<PartInfo> {
  yield* list
}

async function readAll(value: AsyncIterator<unknown>): Promise<unknown[]> {
  const read: unknown[] = []
  for (let part = await value.next(); part.done !== true; part = await value.next()) read.push(part.value)
  return read
}

describe('a stream that is followed', () => {
  it('opens with its first content, and repeats what came before it', async () => {
    const list = [{}, { bytes: 0 }, CONTENT, { bytes: 5 }, { finish: 'stop' }] as const
    const { stream, seen } = follow(parts(...list))
    const value = await stream.open()
    expect(seen.parts).toBe(3)
    expect(await readAll(value)).toEqual(list)
  })

  it('is read no further than it is asked for', async () => {
    const { stream, seen } = follow(parts(CONTENT, CONTENT, CONTENT))
    const value = await stream.open()
    await value.next()
    expect(seen.parts).toBe(1)
    await value.next()
    expect(seen.parts).toBe(2)
  })

  it('ends with the finish of its provider, with the usage, once', async () => {
    const usage = { inputTokens: 5, outputTokens: 7 }
    const { stream, ends } = follow(
      parts(CONTENT, { usage: { inputTokens: 5 } }, { finish: 'length', usage }, {}),
    )
    await readAll(await stream.open())
    expect(ends).toMatchObject([{ how: 'finished', finish: 'length', usage }])
  })

  it('that is only cut off is interrupted, and what it said of its usage is not believed', async () => {
    const { stream, ends } = follow(
      parts({ ...CONTENT, bytes: 30, usage: { inputTokens: 5, outputTokens: 1 } }),
    )
    await readAll(await stream.open())
    expect(ends).toMatchObject([{ how: 'interrupted', usage: undefined, bytes: 30 }])
  })

  it('that says it was interrupted is so', async () => {
    const { stream, ends } = follow(parts(CONTENT, { finish: 'interrupted', usage: { inputTokens: 5 } }))
    await readAll(await stream.open())
    expect(ends).toMatchObject([{ how: 'interrupted', usage: undefined }])
  })

  it('whose usage comes without an input is not known', async () => {
    const { stream, ends } = follow(parts(CONTENT, { finish: 'stop', usage: { outputTokens: 5 } }))
    await readAll(await stream.open())
    expect(ends).toMatchObject([{ how: 'finished', usage: undefined }])
  })

  it('that fails in-band before its content fails to open', async () => {
    const error = new Error('overloaded')
    const { stream, ends } = follow(parts({}, { error }, CONTENT))
    await expect(stream.open()).rejects.toBe(error)
    expect(ends).toMatchObject([{ how: 'failed', error }])
  })

  it('that fails later is failed, and its reader is told', async () => {
    const error = new Error('reset')
    const { stream, ends } = follow(
      (async function* broken() {
        yield CONTENT
        throw error
      })(),
    )
    const value = await stream.open()
    await value.next()
    await expect(value.next()).rejects.toBe(error)
    expect(ends).toMatchObject([{ how: 'failed', error }])
  })

  it('is told of its first content, and no later one needs be', async () => {
    const { stream, seen } = follow(parts({}, CONTENT))
    expect(seen.content).toBe(0)
    await stream.open()
    expect(seen.content).toBe(1)
  })

  it('knows whether somebody waits for a part', async () => {
    const { stream } = follow(parts(CONTENT, CONTENT))
    const value = await stream.open()
    await value.next()
    expect(stream.pulling).toBe(false)
    const pull = value.next()
    await Promise.resolve()
    expect(stream.pulling).toBe(true)
    await pull
    expect(stream.pulling).toBe(false)
  })
})

describe('a stream that is left', () => {
  it('is aborted, closes its source and yields no more', async () => {
    const source = parts(CONTENT, CONTENT)
    const close = vi.spyOn(source, 'return')
    const { stream, ends } = follow(source)
    const value = await stream.open()
    await value.return!()
    expect([ends[0]?.how, close.mock.calls.length, await value.next()]).toEqual([
      'aborted',
      1,
      { done: true, value: undefined },
    ])
  })

  it('after its end is still finished', async () => {
    const { stream, ends } = follow(parts(CONTENT, { finish: 'stop' }))
    const value = await stream.open()
    await readAll(value)
    await value.return!()
    stream.abandon()
    expect(ends.map(({ how }) => how)).toEqual(['finished'])
  })

  it('by nobody reading is abandoned', async () => {
    const { stream, ends } = follow(parts(CONTENT, CONTENT))
    await stream.open()
    stream.abandon()
    expect(ends).toMatchObject([{ how: 'abandoned' }])
  })

  it('by its caller’s signal rejects with the reason', async () => {
    const controller = new AbortController()
    const { stream, ends } = follow(parts(CONTENT, CONTENT), controller.signal)
    const value = await stream.open()
    controller.abort('left')
    await expect(value.next()).rejects.toBe('left')
    expect(ends.map(({ how }) => how)).toEqual(['aborted'])
  })
})
