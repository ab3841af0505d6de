import type { PartInfo } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { CACHED, TARGET } from '../support/caching.ts'
import { opened, setUp, streamHost } from '../support/set-up.ts'

const TEXT = ['He', 'l', 'lo', '!']
const say = (text: string): PartInfo & { text: string } => ({ content: true, text })

/** A stream whose parts come when they are let. */
function setUpStream() {
  const { plimsoll, records } = setUp({ ...CACHED, prices: { [TARGET]: { input: 1, output: 1 } } })
  const seen = { calls: 0, reads: 0, cancelled: 0 }
  const host = streamHost(() => {
    seen.calls++
    const list = [...TEXT.map(say), { finish: 'stop' as const, usage: { inputTokens: 3, outputTokens: 4 } }]
    let at = 0
    return {
      async next() {
        if (at >= list.length) return { done: true, value: undefined }
        seen.reads++
        return { done: false, value: list[at++]! }
      },
      async return() {
        seen.cancelled++
        return { done: true, value: undefined }
      },
    }
  })
  const ask = (signal?: AbortSignal) =>
    opened(plimsoll.execute({ host, request: 'q', target: TARGET, attributes: { task: 'faq' }, signal }))
  return { ask, seen, records, plimsoll }
}

async function textOf(source: AsyncIterator<unknown>): Promise<string> {
  let text = ''
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one part after the other
    const part = await source.next()
    if (part.done === true) return text
    text += (part.value as { text?: string }).text ?? ''
  }
}

describe('case 33: a stream is never repeated', () => {
  it('one that is served again says what it said, once', async () => {
    const { ask, seen, records } = setUpStream()
    expect(await textOf((await ask()).value)).toBe('Hello!')
    expect(await textOf((await ask()).value)).toBe('Hello!')
    expect(seen.calls).toBe(1)
    expect(records()).toMatchObject([{}, { cache: 'hit', costUsd: 0, usage: { inputTokens: 0 } }])
  })

  it('one who joins late gets it from its start, each at its own pace', async () => {
    const { ask, seen, records } = setUpStream()
    const first = await ask()
    await first.value.next()
    await first.value.next()
    const late = await ask()
    expect(late.marks.cache).toBe('joined')
    expect(await textOf(late.value)).toBe('Hello!')
    expect(await textOf(first.value)).toBe('lo!')
    expect(seen.calls).toBe(1)
    expect(records().map(({ cache, attempts, usage }) => [cache, attempts, usage.outputTokens])).toEqual([
      [undefined, 1, 4],
      ['joined', 0, 0],
    ])
    expect(records().map(({ costUsd }) => costUsd)).toEqual([0.000_007, 0])
  })

  it('is read no further than one of them asks for', async () => {
    const { ask, seen } = setUpStream()
    const readers = await Promise.all([ask(), ask()])
    expect(seen.reads).toBe(1)
    await readers[0]!.value.next()
    await readers[0]!.value.next()
    await readers[1]!.value.next()
    expect(seen.reads).toBe(2)
  })

  it('one who leaves takes nothing from the others; the last one cancels it', async () => {
    const { ask, seen, plimsoll, records } = setUpStream()
    const controller = new AbortController()
    const [one, two, three] = await Promise.all([ask(), ask(controller.signal), ask()])
    await one!.value.next()
    await one!.value.return!()
    controller.abort(new Error('left'))
    await expect(two!.value.next()).rejects.toThrow('left')
    expect(seen.cancelled).toBe(0)
    await three!.value.next()
    await three!.value.return!()
    expect([seen.cancelled, plimsoll.state().reservations]).toEqual([1, 0])
    await three!.end
    expect(records().map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
      ['aborted', 0],
      ['aborted', 0],
      ['aborted', 1],
    ])
  })

  it('what one of them changes, no other one sees', async () => {
    const { ask } = setUpStream()
    const [one, two] = await Promise.all([ask(), ask()])
    const part = (await one!.value.next()).value as { text: string }
    part.text = 'changed'
    expect(await textOf(two!.value)).toBe('Hello!')
    expect(await textOf(one!.value)).toBe('llo!')
    expect(await textOf((await ask()).value)).toBe('Hello!')
  })
})
