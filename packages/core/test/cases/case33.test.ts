import type { PartInfo } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { CACHED, TARGET } from '../support/caching.ts'
import { httpError, NO_REPEATS, opened, parts, setUp, streamHost } from '../support/set-up.ts'

const OTHER = 'anthropic/other'
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

describe('case 33: a stream that breaks is never begun again by another', () => {
  /** Says so much of it, and breaks; the second target would say all of it. */
  async function read(said: string, degrade: readonly 'partial'[] = []) {
    const { plimsoll, records } = setUp({
      ...NO_REPEATS,
      tasks: { faq: { targets: [TARGET, OTHER], degrade } },
    })
    const asked: string[] = []
    const host = streamHost(async function* () {
      if (asked.at(-1) === OTHER) return yield* parts(...TEXT.map(say), { finish: 'stop' })
      yield* parts(...[...said].map(say))
      throw httpError(500)
    })
    const open = host.open.bind(host)
    const watched: typeof host = {
      ...host,
      open: async (request, signal, attempt) => (asked.push(attempt.target), open(request, signal, attempt)),
    }
    const call = { host: watched, request: 'q', attributes: { task: 'faq' } }
    const { value } = await opened(plimsoll.execute(call))
    let text = ''
    let error: unknown
    try {
      for (let part = await value.next(); part.done !== true; part = await value.next())
        text += (part.value as { text?: string }).text ?? ''
    } catch (caught) {
      error = caught
    }
    return { text, error, asked, records }
  }

  it('what was said is followed by the error, not by the beginning of another answer', async () => {
    const { text, error, asked, records } = await read('Hel')
    expect([text, asked]).toEqual(['Hel', [TARGET]])
    expect(error).toMatchObject({ status: 500 })
    expect(records()).toMatchObject([{ outcome: 'failed', attempts: 1, fallback: false }])
  })

  it('or by its end, where the task says so', async () => {
    const { text, error, asked } = await read('Hel', ['partial'])
    expect([text, error, asked]).toEqual(['Hel', undefined, [TARGET]])
  })

  it('nothing was said: then the other one says it all, once', async () => {
    const { text, error, asked } = await read('')
    expect([text, error, asked]).toEqual(['Hello!', undefined, [TARGET, OTHER]])
  })
})
