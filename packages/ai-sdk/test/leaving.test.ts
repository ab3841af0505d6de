import { createOpenAI } from '@ai-sdk/openai'
import type { PlimsollEvent } from '@plimsoll/core'
import type { Fault } from '@plimsoll/fake-provider'
import { generateText, streamText } from 'ai'
import { describe, expect, it } from 'vitest'
import { routedModel } from '../src/index.ts'
import { holdSlot, listening, NOTHING_LEFT, QUICK, startFake, until } from './support.ts'

const FIRST = 'openai/first'
const SLOW = { ...QUICK, tokensPerSecond: 50, outputTokens: { median: 500, sigma: 0 } }
/** What anything that somebody's leaving had set off would be told by. */
const TRIGGERED: ReadonlySet<PlimsollEvent['type']> = new Set([
  'retry.scheduled',
  'hedge.started',
  'breaker.opened',
  'candidate.passed',
  'call.degraded',
  'validation.failed',
  'attempt.failed',
])

type SetUp = Awaited<ReturnType<typeof setUp>>

/** Everything that could be triggered: a second target, rungs of each kind, a breaker that opens after so many failures. */
async function setUp({ faults = [], failures = 1 }: { faults?: readonly Fault[]; failures?: number }) {
  const server = await startFake({ models: { '*': QUICK, first: SLOW }, faults: [...faults] })
  const host = listening({
    targets: { [FIRST]: { limits: { concurrency: 1 } } },
    breaker: { failures },
    hedge: true,
    tasks: {
      answer: {
        targets: [FIRST, 'openai/second'],
        degrade: ['partial', { target: 'openai/lesser' }, { message: 'Sorry.' }],
      },
    },
  })
  const { chat } = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: 'k' })
  const ids = ['first', 'second', 'lesser']
  const models = Object.fromEntries(ids.map((id) => [`openai/${id}`, chat(id)]))
  const model = routedModel(host.plimsoll, models, { task: 'answer' })
  return { server, host, model, read: '', [Symbol.asyncDispose]: () => server.close() }
}

const inFlight = ({ server }: SetUp) => until(() => server.stats().total.inFlight === 1)

describe.each(['whole', 'streamed'])("a user's abort (%s)", (how) => {
  it.each<
    [
      string,
      {
        faults?: Fault[]
        failures?: number
        queued?: boolean
        once: (all: SetUp) => Promise<void>
        sent: number
      },
    ]
  >([
    [
      'in the queue',
      { queued: true, once: ({ host }) => until(() => host.plimsoll.state().waiting === 1), sent: 0 },
    ],
    [
      'before the answer begins',
      { faults: [{ kind: 'slow-first-token', ms: 60_000 }], once: inFlight, sent: 1 },
    ],
    [
      'in its midst',
      { once: (all) => (how === 'whole' ? inFlight(all) : until(() => all.read !== '')), sent: 1 },
    ],
    [
      'while it waits to be tried again',
      {
        faults: [{ kind: 'overloaded', retryAfterMs: 5_000 }],
        failures: 2,
        once: ({ host }) => until(() => host.of('retry.scheduled').length === 1),
        sent: 1,
      },
    ],
  ])('%s sets off nothing', async (_, { queued, once, sent, ...options }) => {
    await using all = await setUp(options)
    const { host, model, server } = all
    const release = queued === true ? await holdSlot(host.plimsoll, FIRST) : () => {}
    const caller = new AbortController()
    const asked = { model, prompt: 'Hello', abortSignal: caller.signal } as const
    let onError = 0
    const reading = async (): Promise<void> => {
      const { textStream } = streamText({ ...asked, onError: () => void onError++ })
      for await (const text of textStream) all.read += text
      // The SDK ends the text of a stream that was left as if it were whole.
      caller.signal.throwIfAborted()
    }
    const text = how === 'whole' ? generateText(asked) : reading()
    const ended = text.then(
      () => 'answered',
      () => 'left',
    )
    await once(all)
    let triggered: string[] = []
    host.plimsoll.on(({ type }) => {
      if (TRIGGERED.has(type)) triggered = [...triggered, type]
    })
    caller.abort(new Error('gone'))
    expect(await ended).toBe('left')
    release()
    await until(() => host.records.length === 1)
    expect(host.records).toMatchObject([{ outcome: 'aborted', fallback: false }])
    // A call behind it is served by the first target: its breaker has learnt nothing.
    server.clearFaults()
    expect((await generateText({ model, prompt: 'Hello [[tokens=1]]' })).response.modelId).toBe('first')
    expect([triggered, onError]).toEqual([[], 0])
    expect(server.stats().total.received).toBe(sent + 1)
    expect(host.plimsoll.state()).toEqual(NOTHING_LEFT)
  })
})
