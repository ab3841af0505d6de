import { describe, expect, it, vi } from 'vitest'
import type { Host, PartInfo, Parts } from '../call/host.ts'
import type { PlimsollEvent } from '../call/events.ts'
import { createPlimsoll } from '../plimsoll.ts'
import type { PlimsollConfig } from '../config/config.ts'
import { errorFacts } from '../providers/error-facts.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { FollowedStream } from './follow.ts'
import type { Followed } from './follow.ts'

const LISTED = { targets: { 'openai/model': { limits: { concurrency: 1 } } } } as const

function setUp(config: PlimsollConfig = {}) {
  const clock = virtualClock()
  const events: PlimsollEvent[] = []
  const plimsoll = createPlimsoll({ clock, onEvent: (event) => events.push(event), ...config })
  return { clock, events, plimsoll }
}

function tooMany(headers: Record<string, string> = {}): Error {
  return Object.assign(new Error('too many'), { status: 429, headers })
}

/** A host whose streams are lists of parts. */
function streamHost(source: () => AsyncIterator<PartInfo>): Host<AsyncIterator<unknown>> {
  return {
    kind: 'stream',
    segments: () => [],
    withSegments: (request) => request,
    withMark: (request) => request,
    key: (request) => request,
    open: async () => ({ value: source() as AsyncIterator<unknown> }),
    parts: (value): Parts<AsyncIterator<unknown>> => ({
      kind: 'stream',
      source: value,
      info: (part) => part as PartInfo,
      value: (over) => over,
    }),
    encode: (value) => value,
    decode: (data) => data as never,
    message: () => undefined as never,
    copy: (value) => value,
    errorFacts,
  }
}

async function* list(parts: readonly PartInfo[]): AsyncGenerator<PartInfo> {
  yield* parts
}

function follow(source: AsyncIterator<unknown>, signal = new AbortController().signal) {
  const ends: Followed[] = []
  const stream = new FollowedStream<AsyncIterator<unknown>>(
    { kind: 'stream', source, info: (part) => part as PartInfo, value: (over) => over },
    { signal, onPull: () => {}, onPart: () => {}, onContent: () => {}, onEnd: (end) => ends.push(end) },
  )
  return { stream, ends }
}

async function* silent(): AsyncGenerator<PartInfo> {
  yield { content: true }
  await new Promise(() => {})
}

function broken(): never {
  throw new Error('a bug of the application')
}

describe('a target whose limits are learnt', () => {
  it('waits out a rate limit and then succeeds', async () => {
    const { clock, plimsoll } = setUp()
    let attempts = 0
    const call = plimsoll.call({ target: 'openai/model', inputTokens: 10 }, async () => {
      if (++attempts === 1) throw tooMany({ 'retry-after': '1' })
      return 'done'
    })
    const result = call.catch((error: Error) => error)
    await clock.advance(2_000)
    expect(await result).toBe('done')
  })

  it('of Anthropic still admits once an answer has told its usage', async () => {
    const { clock, plimsoll } = setUp()
    const answer = { usage: { input_tokens: 5, output_tokens: 5 } }
    const call = () => plimsoll.call({ target: 'anthropic/model', inputTokens: 10 }, async () => answer)
    await call()
    const second = call().catch((error: Error) => error)
    await clock.advance(1_000)
    expect(await Promise.race([second, 'still waiting'])).toEqual(answer)
  })

  it('is let have more at once when its answers have no headers', async () => {
    const { clock, plimsoll } = setUp()
    const calls = Array.from({ length: 40 }, () =>
      plimsoll.call(
        { target: 'groq/model', inputTokens: 1 },
        () => new Promise<void>((done) => clock.timer(100, done)),
      ),
    )
    await clock.advance(10_000)
    await Promise.all(calls)
    const { limits } = await plimsoll.headroom('groq/model')
    expect(limits.find(({ unit }) => unit === 'slots')!.capacity).toBeGreaterThan(8)
  })
})

it('a provider that says "retry after 0" is not asked over and over', async () => {
  const { clock, plimsoll } = setUp(LISTED)
  let attempts = 0
  const call = plimsoll.call({ target: 'openai/model', inputTokens: 1, deadlineMs: 10_000 }, async () => {
    attempts++
    if (attempts > 1_000) return 'gave in'
    throw tooMany({ 'retry-after': '0' })
  })
  call.catch(() => {})
  await clock.advance(1_000)
  expect(attempts).toBeLessThan(20)
})

describe('a stream', () => {
  it('that begins with an end in error ends, and holds nothing', async () => {
    const { plimsoll } = setUp(LISTED)
    const host = streamHost(() => list([{ finish: 'error' }]))
    const outcome = await plimsoll.execute({ host, request: {}, target: 'openai/model' })
    if (outcome.kind === 'ok')
      await Promise.race([outcome.reply.end, new Promise((done) => setTimeout(done, 5))])
    expect(plimsoll.state().reservations).toBe(0)
  })

  it('that broke is not settled as exact by the usage it began with', async () => {
    const { plimsoll, events } = setUp(LISTED)
    const host = streamHost(() => list([{ content: true, usage: { inputTokens: 100, outputTokens: 1 } }]))
    const outcome = await plimsoll.execute({ host, request: {}, target: 'openai/model' })
    if (outcome.kind !== 'ok') throw new Error('refused')
    await outcome.reply.value.next()
    await outcome.reply.value.next()
    expect((await outcome.reply.end).how).toBe('interrupted')
    expect(events.find(({ type }) => type === 'budget.settled')).toMatchObject({ certainty: 'at-least' })
  })

  it('can be left while a part is awaited from a source that is silent', async () => {
    const { stream, ends } = follow(silent())
    const value = await stream.open()
    await value.next()
    const pending = value.next().then(
      () => 'settled',
      () => 'settled',
    )
    const left = value.return!().then(() => 'left')
    const late = new Promise<string>((resolve) => setTimeout(resolve, 10, 'hangs'))
    expect(ends).toMatchObject([{ how: 'aborted' }])
    expect([await Promise.race([left, late]), await Promise.race([pending, late])]).toEqual([
      'left',
      'settled',
    ])
  })

  it('that is left tells its provider', async () => {
    const { plimsoll } = setUp(LISTED)
    let signal: AbortSignal | undefined
    const host = {
      ...streamHost(() => list([{ content: true }, { content: true }])),
      open: async (_request: unknown, given: AbortSignal) => {
        signal = given
        return { value: list([{ content: true }, { content: true }]) as AsyncIterator<unknown> }
      },
    }
    const outcome = await plimsoll.execute({ host, request: {}, target: 'openai/model' })
    if (outcome.kind !== 'ok') throw new Error('refused')
    await outcome.reply.value.return!()
    expect(signal!.aborted).toBe(true)
  })

  it('fails every pull that is under way when its caller leaves', async () => {
    const controller = new AbortController()
    let pulls = 0
    const source: AsyncIterator<unknown> = {
      next: () =>
        pulls++ === 0 ? Promise.resolve({ done: false, value: { content: true } }) : new Promise(() => {}),
    }
    const { stream } = follow(source, controller.signal)
    const value = await stream.open()
    await value.next()
    const both = [value.next(), value.next()].map((pull) => pull.catch(() => 'failed'))
    controller.abort(new Error('left'))
    const late = new Promise<string>((resolve) => setTimeout(resolve, 10, 'hangs'))
    expect(await Promise.all(both.map((pull) => Promise.race([pull, late])))).toEqual(['failed', 'failed'])
  })

  it.each(['already left', 'a part that cannot be read'])('gives up its source: %s', async (why) => {
    const controller = new AbortController()
    const close = vi.fn<() => Promise<IteratorReturnResult<undefined>>>(async () => ({
      done: true as const,
      value: undefined,
    }))
    const source = { next: async () => ({ done: false as const, value: { content: true } }), return: close }
    if (why === 'already left') controller.abort(new Error('left'))
    const stream = new FollowedStream<unknown>(
      {
        kind: 'stream',
        source,
        info: () => {
          throw new Error('unreadable')
        },
        value: (over) => over,
      },
      { signal: controller.signal, onPart: () => {}, onContent: () => {}, onPull: () => {}, onEnd: () => {} },
    )
    await stream.open().catch(() => {})
    expect(close).toHaveBeenCalledOnce()
  })
})

describe('a run', () => {
  it('is told once, although a call begins after its function has ended', async () => {
    const { plimsoll, events } = setUp(LISTED)
    const call = () => plimsoll.call({ target: 'openai/model', inputTokens: 1 }, async () => 1)
    let late: Promise<unknown> | undefined
    await plimsoll.workflow('answer', {}, async () => {
      late = new Promise((resolve) => setImmediate(resolve)).then(call)
      await call()
    })
    await late
    expect(events.filter(({ type }) => type === 'run.finished')).toHaveLength(1)
  })

  it('is told although a call inside names no listed target', async () => {
    const { plimsoll, events } = setUp({ ...LISTED, strict: true })
    await plimsoll
      .workflow('answer', {}, () => plimsoll.call({ target: 'openai/other', inputTokens: 1 }, async () => 1))
      .catch(() => {})
    expect(events.filter(({ type }) => type === 'run.finished')).toHaveLength(1)
  })

  it('refuses a deadline that is no number', async () => {
    const { plimsoll } = setUp(LISTED)
    await expect(
      plimsoll.workflow('answer', { deadlineMs: Number.NaN }, async () => 1),
    ).rejects.toMatchObject({
      code: 'invalid-call',
    })
  })
})

it('closing tells a call that waits out a rate limit that it was closed', async () => {
  const { clock, plimsoll } = setUp(LISTED)
  const call = plimsoll.call({ target: 'openai/model', inputTokens: 1 }, async () => {
    throw tooMany({ 'retry-after': '5' })
  })
  const result = call.catch((error: Error) => error)
  await clock.advance(100)
  plimsoll.close()
  expect(await result).toMatchObject({ code: 'closed' })
})

it('an answer whose usage cannot be read is still the answer', async () => {
  const { plimsoll } = setUp(LISTED)
  expect(
    await plimsoll.call({ target: 'openai/model', inputTokens: 1 }, async () => 'answer', { usage: broken }),
  ).toBe('answer')
})

it('an invalid count is refused as an outcome', async () => {
  const { plimsoll } = setUp(LISTED)
  const host = streamHost(() => list([]))
  const outcome = plimsoll.execute({ host, request: {}, target: 'openai/model', maxOutputTokens: Number.NaN })
  expect(await outcome).toMatchObject({ kind: 'rejected', error: { code: 'invalid-call' } })
})

it('a listener that fails later breaks nothing either', async () => {
  const unhandled = vi.fn<(reason: unknown) => void>()
  process.on('unhandledRejection', unhandled)
  const { plimsoll } = setUp({
    ...LISTED,
    onEvent: async () => Promise.reject(new Error('a bug of the application')),
  })
  await plimsoll.call({ target: 'openai/model', inputTokens: 1 }, async () => 1)
  await new Promise((resolve) => setTimeout(resolve, 2))
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})
