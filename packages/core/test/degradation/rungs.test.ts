import { describe, expect, it } from 'vitest'
import { deferQueue } from '@plimsoll/core'
import type { DeferredJob, Host, PlimsollConfig, Segment } from '@plimsoll/core'
import { httpError, NO_REPEATS, outcomeOf, parts, setUp, streamHost } from '../support/set-up.ts'

const A = 'openai/a'
const CALL = { task: 'answer', inputTokens: 100, maxOutputTokens: 100 } as const
const down = async (): Promise<string> => {
  throw httpError(503)
}

describe('a shorter answer', () => {
  it('is asked for where the whole one was too much, marked, never longer than the call allows', async () => {
    const { plimsoll, records } = setUp({
      targets: { [A]: { limits: [{ unit: 'tokens', amount: 150, perMs: 60_000 }] } },
      tasks: { answer: { targets: [A], degrade: [{ maxOutputTokens: 20 }] } },
    })
    const lengths: (number | undefined)[] = []
    const ask = async (maxOutputTokens: number) => {
      await plimsoll.call({ ...CALL, maxOutputTokens }, async (context) =>
        lengths.push(context.maxOutputTokens),
      )
    }
    await ask(100)
    expect(lengths).toEqual([20])
    expect(records()).toMatchObject([{ degraded: 'shorter', fallback: false }])
  })
})

describe('a message', () => {
  it('of an embedding has to be vectors, and what is none is no answer', async () => {
    const { plimsoll, events } = setUp({
      ...NO_REPEATS,
      tasks: { answer: { degrade: [{ message: 'Sorry.' }] } },
    })
    const host: Host<number[]> = {
      ...(streamHost(() => parts()) as unknown as Host<number[]>),
      kind: 'embed',
      open: () => Promise.reject(httpError(500)),
      message: () => {
        throw new Error('no vectors')
      },
    }
    const asked = { host, request: {}, target: A, attributes: { task: 'answer' } }
    expect(await plimsoll.execute(asked)).toMatchObject({ kind: 'failed', failure: { class: 'server' } })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'candidate.passed', reason: 'unavailable' }),
    )
  })
})

describe('a call that is put off', () => {
  function deferring(rung: { message?: string }, max = 1_000) {
    const later = deferQueue({ max })
    const config: PlimsollConfig = {
      ...NO_REPEATS,
      tasks: { answer: { targets: [A], degrade: [{ defer: later, ...rung }] } },
    }
    return { later, ...setUp(config) }
  }

  it('is kept whole, and refused with a code of its own', async () => {
    const { later, plimsoll, records } = deferring({})
    const call = plimsoll.call({ ...CALL, input: 'Sum it up', tenant: 'acme' }, down)
    expect(await outcomeOf(call)).toBe('deferred')
    const jobs: DeferredJob[] = []
    await later.run(async (job) => jobs.push(job))
    expect(jobs).toMatchObject([
      { target: A, task: 'answer', request: 'Sum it up', attributes: { tenant: 'acme' } },
    ])
    expect(jobs[0]!.id).toBe(records()[0]!.callId)
    expect(records()).toMatchObject([{ outcome: 'rejected', reason: 'deferred' }])
  })

  it('says its message where it has one', async () => {
    const { later, plimsoll, records } = deferring({ message: 'You will have it tomorrow.' })
    expect(await plimsoll.call(CALL, down)).toBe('You will have it tomorrow.')
    expect([await later.size(), records()[0]!.degraded]).toEqual([1, 'deferred'])
  })

  it('whose queue is full, throws or never takes it, fails as it would have', async () => {
    const { plimsoll } = deferring({}, 1)
    await outcomeOf(plimsoll.call(CALL, down))
    expect(await outcomeOf(plimsoll.call(CALL, down))).toBe('status 503')
    const stuck = setUp({
      ...NO_REPEATS,
      tasks: { answer: { targets: [A], degrade: [{ defer: { push: () => new Promise<void>(() => {}) } }] } },
    })
    const call = outcomeOf(stuck.plimsoll.call(CALL, down))
    await stuck.clock.advance(5_000)
    expect(await call).toBe('status 503')
  })
})

describe('a feature that is switched off', () => {
  it('calls nothing: it is refused, or answered by its task', async () => {
    let on = false
    const { plimsoll, records } = setUp({
      features: (feature) => feature !== 'chat' || on,
      tasks: { answer: { targets: [A], degrade: [{ target: 'openai/b' }, { message: 'Back soon.' }] } },
    })
    let asked = 0
    const ask = (feature: string, task = 'answer') =>
      outcomeOf(plimsoll.call({ ...CALL, target: A, feature, task }, async (): Promise<unknown> => ++asked))
    expect([await ask('chat'), await ask('chat', 'other'), await ask('search'), asked]).toEqual([
      'Back soon.',
      'feature-off',
      1,
      1,
    ])
    expect(plimsoll.reserve({ target: A, feature: 'chat' }).error).toMatchObject({ code: 'feature-off' })
    on = true
    expect(await ask('chat')).toBe(2)
    expect(records().map(({ degraded, reason }) => degraded ?? reason)).toEqual([
      'message',
      'feature-off',
      undefined,
      undefined,
    ])
  })

  it('a switch that throws leaves it on, and is told', async () => {
    const { plimsoll, events } = setUp({
      features: () => {
        throw new Error('flags are down')
      },
    })
    expect(await plimsoll.call({ target: A, feature: 'chat' }, async () => 'on')).toBe('on')
    expect(events).toContainEqual(expect.objectContaining({ type: 'listener.failed' }))
  })
})

describe('a diet', () => {
  const turn = (text: string): Segment[] => [
    { role: 'user', kind: 'text', text },
    { role: 'assistant', kind: 'text', text: `about ${text}` },
  ]
  const request = [
    ...turn('ships '.repeat(50)),
    ...turn('boats '.repeat(50)),
    { role: 'user', kind: 'text', text: 'And now?', pinned: true } as const,
  ]

  /** A host whose requests are their own segments. */
  function chatHost(sent: (readonly Segment[])[]): Host<string, readonly Segment[]> {
    return {
      kind: 'generate',
      segments: (segments) => segments,
      withSegments: (_request, segments) => segments,
      withMark: (same) => same,
      key: (same) => same,
      open: async (segments) => {
        sent.push(segments)
        return { value: 'An answer.' }
      },
      parts: () => ({
        kind: 'whole',
        info: { content: true, finish: 'stop', usage: { inputTokens: 5, outputTokens: 5 } },
      }),
      encode: (value) => value,
      decode: String,
      message: (text) => text,
      copy: (value) => value,
      errorFacts: () => ({}),
    }
  }

  function answering(diet: NonNullable<NonNullable<PlimsollConfig['tasks']>[string]['diet']>) {
    const sent: (readonly Segment[])[] = []
    const host = setUp({ tasks: { answer: { targets: [A], diet } } })
    const attributes = { task: 'answer', tenant: 'acme' }
    const ask = () => host.plimsoll.execute({ host: chatHost(sent), request, attributes })
    return { ...host, ask, sent }
  }

  it('cuts the input of every call of its task, and tells what it cut', async () => {
    const { ask, sent, events, records } = answering({ name: 'lean', maxHistoryTokens: 150 })
    expect(await ask()).toMatchObject({ kind: 'ok', reply: { marks: { diet: 'lean' } } })
    expect(sent).toEqual([request.slice(2)])
    const told = events.find((event) => event.type === 'diet.applied')
    expect(told).toMatchObject({ diet: 'lean', cut: { toolResults: 0, documents: 0, repeated: 0 } })
    expect(told!.cut.history).toBeGreaterThan(50)
    expect(records()).toMatchObject([{ diet: 'lean' }])
    expect(records()[0]).not.toHaveProperty('degraded')
  })

  it('puts a summary in the place of what it cut, made on the account of the same tenant', async () => {
    const { ask, sent, plimsoll, records } = answering({
      name: 'lean',
      maxHistoryTokens: 150,
      summariseBy: (history) =>
        plimsoll.call(
          { target: 'openai/cheap', input: history },
          async () => `In short: ${history.slice(0, 11)}`,
        ),
    })
    await ask()
    expect(sent[0]!.map(({ text }) => text.slice(0, 21))).toEqual([
      'In short: user: ships',
      'boats boats boats boa',
      'about boats boats boa',
      'And now?',
    ])
    expect(records()[0]).toMatchObject({ target: 'openai/cheap', attributes: { tenant: 'acme' } })
  })

  it.each([
    ['fails', () => Promise.reject(new Error('down'))],
    ['never ends', () => new Promise<string>(() => {})],
    ['says nothing', async () => ''],
  ])('does without a summary that %s', async (_what, summariseBy) => {
    const { ask, clock, sent } = answering({ name: 'lean', maxHistoryTokens: 150, summariseBy })
    const call = ask()
    await clock.advance(15_000)
    await call
    expect(sent).toEqual([request.slice(2)])
  })

  it('leaves alone what is within its bounds', async () => {
    const { ask, sent, events, records } = answering({ name: 'lean', maxHistoryTokens: 10_000 })
    await ask()
    expect(sent).toEqual([request])
    expect(events.some(({ type }) => type === 'diet.applied')).toBe(false)
    expect(records()[0]).not.toHaveProperty('diet')
  })
})
