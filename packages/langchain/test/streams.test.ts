import { BaseChatModel, SimpleChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessageChunk } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import { BaseCallbackHandler } from '@langchain/core/callbacks/base'
import { PlimsollError } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { withPlimsoll } from '../src/index.ts'
import { CLIENTS, listening, NOTHING_LEFT, QUICK, rejection, sleep, startFake, until } from './support.ts'

const SLOW = { models: { '*': { ...QUICK, tokensPerSecond: 500, maxOutputTokens: 20_000 } } }
const LONG = 'Hello [[tokens=9000]]'
const maxTokens = 10_000

class Tokens extends BaseCallbackHandler {
  override readonly name = 'Tokens'
  readonly texts: string[] = []
  readonly chunks: unknown[] = []
  constructor() {
    super({ _awaitHandler: true })
  }
  override handleLLMNewToken(
    ...[text, , , , , fields]: Parameters<NonNullable<BaseCallbackHandler['handleLLMNewToken']>>
  ) {
    this.texts.push(text)
    this.chunks.push(fields?.chunk)
  }
}

async function read(model: BaseChatModel, options: object = {}, text = 'Hello'): Promise<string> {
  let whole = ''
  for await (const chunk of await model.stream(text, options)) whole += chunk.text
  return whole
}

/** A model of somebody's own, that listens to no signal. */
class Deaf extends BaseChatModel {
  left = 0
  override _llmType(): string {
    return 'deaf'
  }
  override async _generate(): Promise<never> {
    throw new Error('It only streams.')
  }
  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    try {
      for (;;) {
        yield new ChatGenerationChunk({ message: new AIMessageChunk('a'), text: 'a' })
        await sleep(1)
      }
    } finally {
      this.left++
    }
  }
}

class Silent extends SimpleChatModel {
  override _llmType(): string {
    return 'silent'
  }
  override async _call(): Promise<string> {
    return 'All at once.'
  }
}

describe('a model of one’s own', () => {
  it('that listens to no signal is told when its stream is left', async () => {
    const host = listening()
    const deaf = new Deaf({})
    for await (const _chunk of await withPlimsoll(deaf, host.plimsoll).stream('Hello')) break
    await until(() => deaf.left === 1)
    await until(() => host.records.length === 1)
    expect(host.records).toMatchObject([{ target: 'Deaf/deaf', outcome: 'aborted' }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('that does not stream is seen not to', async () => {
    const host = listening()
    const model = withPlimsoll(new Silent({}), host.plimsoll)
    expect(model._streamResponseChunks).toBe(BaseChatModel.prototype._streamResponseChunks)
    expect(await read(model)).toBe('All at once.')
    expect(host.records).toMatchObject([{ outcome: 'finished', estimated: true }])
  })
})

describe.each(Object.entries(CLIENTS))('a stream of a wrapped model of %s', (_, { make }) => {
  it('that nobody reads is closed when its lease runs out, and the provider told', async () => {
    await using server = await startFake(SLOW)
    const host = listening({ leaseMs: 200 })
    const stream = await withPlimsoll(make(server, { maxTokens }), host.plimsoll).stream(LONG)
    await until(() => host.records.length === 1)
    expect(host.records).toMatchObject([{ outcome: 'abandoned', estimated: true }])
    await until(() => server.stats().total.abortedByClient === 1)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    const error = await rejection(
      (async () => {
        for await (const _chunk of stream);
      })(),
    )
    expect(PlimsollError.find(error)).toMatchObject({ code: 'abandoned' })
  })

  it('ends by an abort in its midst, with its reason', async () => {
    await using server = await startFake(SLOW)
    const host = listening()
    const caller = new AbortController()
    const model = withPlimsoll(make(server, { maxTokens }), host.plimsoll)
    let pieces = 0
    const reading = async (): Promise<void> => {
      for await (const _chunk of await model.stream(LONG, { signal: caller.signal }))
        if (++pieces === 3) caller.abort(new Error('gone'))
    }
    expect(await rejection(reading())).toMatchObject({ message: 'gone' })
    await until(() => server.stats().total.abortedByClient === 1)
    expect(host.records).toMatchObject([{ outcome: 'aborted' }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('shows callbacks each of its pieces, as the bare one does, and from the cache, too', async () => {
    await using server = await startFake()
    const host = listening({ tasks: { faq: { cache: { ttlMs: 60_000 } } } })
    const bare = new Tokens()
    const text = await read(make(server), { callbacks: [bare] })
    for (const expected of ['miss', 'hit']) {
      const tokens = new Tokens()
      const model = withPlimsoll(make(server), host.plimsoll, { task: 'faq' })
      expect([expected, await read(model, { callbacks: [tokens] })]).toEqual([expected, text])
      expect(tokens.texts.join('')).toBe(bare.texts.join(''))
      expect(tokens.chunks.every((chunk) => chunk !== undefined)).toBe(true)
    }
    expect(server.stats().total.received).toBe(2)
    expect(host.records.map(({ cache }) => cache)).toEqual([undefined, 'hit'])
  })

  it('says in its first piece where it is from', async () => {
    await using server = await startFake()
    const host = listening({ tasks: { faq: { cache: { ttlMs: 60_000 } } } })
    const model = withPlimsoll(make(server), host.plimsoll, { task: 'faq' })
    const marks: unknown[] = []
    for (let times = 0; times < 2; times++)
      for await (const { response_metadata: said } of await model.stream('Hello'))
        if (said['plimsoll'] !== undefined) marks.push(said['plimsoll'])
    const [target] = host.records.map((record) => record.target)
    expect(marks).toEqual([{ target }, { target, cache: 'hit' }])
  })

  it.each(['cut', 'error-event'] as const)(
    'that breaks off by %s gives what it had, where its task says so',
    async (kind) => {
      await using server = await startFake({ ...SLOW, faults: [{ kind, rate: 1, afterChunks: 3 }] })
      const host = listening({ tasks: { chat: { degrade: ['partial'] } } })
      const model = withPlimsoll(make(server, { maxTokens }), host.plimsoll, { task: 'chat' })
      expect(await read(model, {}, LONG)).not.toBe('')
      const events: string[] = []
      for await (const { event } of model.streamEvents(LONG)) events.push(event)
      expect(events.slice(-2)).toEqual(['content-block-finish', 'message-finish'])
      await until(() => host.records.length === 2)
      expect(host.records.map(({ degraded }) => degraded)).toEqual(['partial', 'partial'])
      expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
    },
  )

  it('that breaks off fails otherwise, and is not begun again', async () => {
    await using server = await startFake({ ...SLOW, faults: [{ kind: 'cut', rate: 1, afterChunks: 3 }] })
    const host = listening()
    await rejection(read(withPlimsoll(make(server, { maxTokens }), host.plimsoll), {}, LONG))
    expect(server.stats().total.received).toBe(1)
    await until(() => host.records.length === 1)
    expect(host.records).toMatchObject([{ outcome: 'failed', estimated: true }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('without content for too long is given up, and tried again', async () => {
    await using server = await startFake({ faults: [{ kind: 'keep-alive-only' }] })
    const host = listening({ timeouts: { firstContentMs: 150 } })
    expect(await read(withPlimsoll(make(server), host.plimsoll))).not.toBe('')
    expect(host.records).toMatchObject([{ retries: 1, failures: { timeout: 1 } }])
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })

  it('that twins share is whole for each, though one of them leaves', async () => {
    await using server = await startFake(SLOW)
    const host = listening({ tasks: { faq: { coalesce: true } } })
    const model = withPlimsoll(make(server), host.plimsoll, { task: 'faq' })
    const asked = 'Hello [[tokens=60]]'
    const leaving = async (): Promise<void> => {
      for await (const _chunk of await model.stream(asked)) break
    }
    const [one, two] = await Promise.all([read(model, {}, asked), read(model, {}, asked), leaving()])
    expect(one).toBe(two)
    expect(one.split(' ').length).toBeGreaterThan(30)
    expect(server.stats().total.received).toBe(1)
    await until(() => host.records.length === 3)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})
