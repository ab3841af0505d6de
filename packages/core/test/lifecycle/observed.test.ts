import { AsyncResource } from 'node:async_hooks'
import type { CallRecord, Host, HostCall, PlimsollConfig, PlimsollEvent, Watch } from '@plimsoll/core'
import { createPlimsoll, errorFacts } from '@plimsoll/core'
import { MemoryStore, virtualClock } from '@plimsoll/core/testing'
import { describe, expect, it } from 'vitest'

const TARGET = 'openai/m'
const USAGE = { inputTokens: 3, outputTokens: 2 }

function setUp(config: PlimsollConfig = {}) {
  const clock = virtualClock()
  const records: CallRecord[] = []
  const plimsoll = createPlimsoll({
    clock,
    store: new MemoryStore(),
    ...config,
    onEvent: (event) => void (event.type === 'call.finished' && records.push(event)),
  })
  return { clock, records, plimsoll }
}

/** A call that its host makes by itself: it is let in when `open` is called, and ends when `end` settles. */
function ownCall(over: Partial<HostCall<string, string>> = {}) {
  const end = Promise.withResolvers<string>()
  const opened: { alive: (() => void) | undefined }[] = []
  const host: Host<string, string> = {
    kind: 'generate',
    segments: (text) => [{ role: 'user', kind: 'text', text }],
    withSegments: (request) => request,
    withMark: (request) => request,
    key: (request) => request,
    async open(_request, _signal, { alive }) {
      opened.push({ alive })
      return { value: await end.promise }
    },
    parts: () => ({ kind: 'whole', info: { content: true, usage: USAGE } }),
    encode: (value) => value,
    decode: String,
    message: (text) => text,
    copy: (value) => value,
    errorFacts,
  }
  return { end, opened, call: { host, request: 'q', target: TARGET, only: 'budget', ...over } as const }
}

describe('a call that its host makes by itself', () => {
  it('waits for room, and is settled and recorded by its usage', async () => {
    const { plimsoll, records } = setUp({ targets: { [TARGET]: { limits: { concurrency: 1 } } } })
    const [one, two] = [ownCall(), ownCall()]
    const outcomes = [one, two].map(({ call }) => plimsoll.execute(call))
    await until(() => one.opened.length === 1)
    expect([two.opened.length, plimsoll.state().waiting]).toEqual([0, 1])
    one.end.resolve('a')
    two.end.resolve('b')
    expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(['ok', 'ok'])
    expect(records.map(({ usage }) => usage)).toEqual([USAGE, USAGE])
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it.each([
    [429, 'rate-limit'],
    [500, 'server'],
  ] as const)('is made once, whatever becomes of it: %s', async (status, kind) => {
    const { plimsoll, records } = setUp()
    const { call, end, opened } = ownCall()
    const outcome = plimsoll.execute(call)
    end.reject(Object.assign(new Error('no'), { status }))
    expect(await outcome).toMatchObject({ kind: 'failed', failure: { class: kind } })
    expect(opened).toHaveLength(1)
    expect(records).toMatchObject([{ outcome: 'failed', attempts: 1 }])
  })

  it('is not answered from a cache, nor by another target, nor timed out', async () => {
    const task = { cache: { ttlMs: 1_000 }, targets: ['openai/other'], timeouts: { attemptMs: 10 } }
    const { plimsoll, records, clock } = setUp({ tasks: { faq: task } })
    for (let times = 0; times < 2; times++) {
      const { call, end } = ownCall({ attributes: { task: 'faq' } })
      const outcome = plimsoll.execute(call)
      await clock.advance(100)
      end.resolve('a')
      expect(await outcome).toMatchObject({ kind: 'ok', reply: { target: TARGET, marks: {} } })
    }
    expect(records).toHaveLength(2)
  })

  it('is refused when its feature is switched off', async () => {
    const { plimsoll } = setUp({ features: { chat: { enabled: false } } })
    const { call, opened } = ownCall({ attributes: { feature: 'chat' } })
    expect(await plimsoll.execute(call)).toMatchObject({ kind: 'rejected', error: { code: 'feature-off' } })
    expect(opened).toEqual([])
  })

  it('has a lease that lasts as long as it shows that it is alive, and then costs what was estimated', async () => {
    const { plimsoll, records, clock } = setUp({ leaseMs: 1_000 })
    const { call, opened } = ownCall({ maxOutputTokens: 50 })
    const outcome = plimsoll.execute(call)
    await until(() => opened.length === 1)
    for (let times = 0; times < 5; times++) {
      await clock.advance(600)
      opened[0]!.alive!()
    }
    expect(plimsoll.state().reservations).toBe(1)
    await clock.advance(1_001)
    expect(await outcome).toMatchObject({ kind: 'aborted', reason: { code: 'abandoned' } })
    expect(plimsoll.state().reservations).toBe(0)
    expect(records).toMatchObject([{ outcome: 'aborted', estimated: true, usage: { outputTokens: 50 } }])
  })
})

describe('a call that is only looked at', () => {
  it('counts when it has ended, once, with its price and its time', async () => {
    const prices = { [TARGET]: { input: 1, output: 2 } }
    const { plimsoll, records, clock } = setUp({ prices, targets: { [TARGET]: { limits: { rpm: 1 } } } })
    for (let times = 0; times < 3; times++) {
      const watch = plimsoll.watch({ target: TARGET, input: 'Hello', tenant: 'acme' })
      await clock.advance(10)
      watch.content()
      await clock.advance(20)
      watch.end({ usage: { inputTokens: 1_000, outputTokens: 500 }, finish: 'stop' })
      watch.fail(new Error('late'))
    }
    await until(() => records.length === 3)
    expect(records[0]).toMatchObject({
      outcome: 'finished',
      estimated: false,
      costUsd: 0.002,
      attributes: { tenant: 'acme' },
      latencyMs: { firstContent: 10, model: 30, total: 30 },
    })
    expect(plimsoll.report({ by: 'tenant' }).rows).toMatchObject([{ requests: 3 }])
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('tells how it failed, or that its caller has left, and what it had for an input', async () => {
    const { plimsoll, records } = setUp()
    plimsoll.watch({ target: TARGET }).fail(Object.assign(new Error('no'), { status: 503 }))
    plimsoll.watch({ target: TARGET }).abort()
    plimsoll.watch({ target: TARGET, input: 'Hello there' }).end({})
    await until(() => records.length === 3)
    expect(records.map(({ outcome }) => outcome)).toEqual(['failed', 'aborted', 'finished'])
    expect(records[0]?.failures).toEqual({ overloaded: 1 })
    expect(records[2]).toMatchObject({ estimated: true, usage: { inputTokens: expect.any(Number) } })
  })

  it('counts in the run that it began in, wherever its end is told', async () => {
    const runs: number[] = []
    const onEvent = (event: PlimsollEvent): void =>
      void (event.type === 'run.finished' && runs.push(event.calls))
    const plimsoll = createPlimsoll({ onEvent })
    const elsewhere = AsyncResource.bind((watch: Watch) => watch.end({}))
    await plimsoll.workflow('w', {}, async () => {
      elsewhere(plimsoll.watch({ target: TARGET }))
      await Promise.resolve()
    })
    await until(() => runs.length === 1)
    expect(runs).toEqual([1])
  })

  it('belongs to the run that it began in, and holds nothing up when it never ends', async () => {
    const { plimsoll, records } = setUp()
    const watch = await plimsoll.workflow('w', {}, async () => plimsoll.watch({ target: TARGET }))
    plimsoll.watch({ target: TARGET })
    expect(await plimsoll.drain()).toEqual({ waiting: 0, reservations: 0 })
    watch.end({})
    await until(() => records.length === 1)
    expect(records[0]?.attributes.workflow).toBe('w')
  })
})

describe('headers that are seen apart from the calls', () => {
  it('tell what is left of the limits of their target', async () => {
    const { plimsoll } = setUp({ targets: { [TARGET]: { limits: { rpm: 100 } } } })
    plimsoll.observe(TARGET)({
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '10s',
    })
    expect((await plimsoll.headroom(TARGET)).limits).toMatchObject([{ available: 0, capacity: 100 }])
  })
})

describe('what asks for more than waiting and counting', () => {
  it.each<[PlimsollConfig, string[]]>([
    [{}, []],
    [{ budgets: [{ per: 'user', rpm: 1 }], features: {}, breaker: {}, hedge: false }, []],
    [{ tasks: { a: { maxWaitMs: 5 } } }, []],
    [{ retry: {}, timeouts: { callMs: 1 }, hedge: true }, ['retry', 'timeouts', 'hedge']],
    [
      { tasks: { a: { cache: { ttlMs: 1 } }, b: { degrade: [{ message: 'x' }] } } },
      ['tasks.a.cache', 'tasks.b.degrade'],
    ],
  ])('of %j is named', (config, fields) => {
    expect(createPlimsoll(config).beyondBudget()).toEqual(fields)
  })
})

async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    if (turns > 1_000) throw new Error(`It never came about: ${isSo}`)
    await Promise.resolve()
  }
}
