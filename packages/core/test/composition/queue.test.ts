import { describe, expect, it } from 'vitest'
import { opened, outcomeOf, setUp, streamHost } from '../support/set-up.ts'

const config = { targets: { 'openai/model': { limits: { concurrency: 1 } } } } as const
const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }

describe("a workflow's deadline and the queue", () => {
  it('a call that waits is refused when the deadline of its run passes, not when its own does', async () => {
    const { clock, plimsoll } = setUp(config)
    plimsoll.reserve(CALL)
    const run = plimsoll.workflow('answer', { deadlineMs: 2_000 }, () =>
      outcomeOf(plimsoll.call({ ...CALL, deadlineMs: 30_000 }, async () => 'sent')),
    )
    await clock.advance(1_999)
    expect(plimsoll.state().waiting).toBe(1)
    await clock.advance(1)
    expect([await run, plimsoll.state().waiting]).toEqual(['deadline-exceeded', 0])
  })

  it('once it has passed nothing more is sent', async () => {
    const { clock, plimsoll } = setUp(config)
    const run = plimsoll.workflow('answer', { deadlineMs: 100 }, async () => {
      await new Promise<void>((done) => clock.timer(100, done))
      return outcomeOf(plimsoll.call(CALL, async () => 'sent'))
    })
    await clock.advance(100)
    expect(await run).toBe('deadline-exceeded')
  })

  it('calls of a run under way go before those of runs that have yet to begin', async () => {
    const { clock, plimsoll } = setUp(config)
    const order: string[] = []
    const call = (name: string) =>
      plimsoll.call(CALL, async () => {
        order.push(name)
        await new Promise<void>((done) => clock.timer(10, done))
      })
    const run = (name: string) =>
      plimsoll.workflow(name, {}, async () => (await call(`${name}1`), call(`${name}2`)))
    const runs = ['a', 'b', 'c', 'd', 'e', 'f'].map(run)
    await clock.advance(1_000)
    await Promise.all(runs)
    expect(order).toHaveLength(12)
    expect(order.indexOf('a2')).toBeLessThan(order.indexOf('e1'))
    expect(order.indexOf('b2')).toBeLessThan(order.indexOf('f1'))
  })
})

describe('an abort and the queue', () => {
  it('a call whose caller leaves is not sent, and those behind go on', async () => {
    const { plimsoll, events } = setUp(config)
    const holder = plimsoll.reserve(CALL)
    const controller = new AbortController()
    let sent = 0
    const left = plimsoll.call({ ...CALL, signal: controller.signal }, async () => sent++)
    const behind = plimsoll.call(CALL, async () => 'sent')
    controller.abort(new Error('left'))
    expect([await outcomeOf(left), sent]).toEqual(['left', 0])
    holder.reservation!.cancel()
    expect(await behind).toBe('sent')
    expect(events.filter(({ type }) => type === 'queue.left')).toHaveLength(2)
  })

  it('one that has left already never enters', async () => {
    const { plimsoll, events } = setUp(config)
    const call = plimsoll.call({ ...CALL, signal: AbortSignal.abort(new Error('left')) }, async () => 1)
    expect(await outcomeOf(call)).toBe('left')
    expect(events.map(({ type }) => type)).toEqual(['call.finished'])
  })
})

describe('a nested call and slots', () => {
  it('runs on the slot of the call around it, through a workflow in between, and does not deadlock', async () => {
    const { plimsoll, left } = setUp(config)
    const answer = await plimsoll.call(CALL, () =>
      plimsoll.workflow('tool', {}, () =>
        plimsoll.call(CALL, () => plimsoll.call(CALL, async () => 'inmost')),
      ),
    )
    expect([answer, await left('openai/model', 'slots')]).toEqual(['inmost', 1])
  })

  it('siblings inside of one call take turns with its slot', async () => {
    const { clock, plimsoll } = setUp(config)
    let [at, most] = [0, 0]
    const tool = () =>
      plimsoll.call(CALL, async () => {
        most = Math.max(most, ++at)
        await new Promise<void>((done) => clock.timer(10, done))
        at--
      })
    const outer = plimsoll.call(CALL, () => Promise.all([tool(), tool(), tool()]))
    await clock.advance(1_000)
    await outer
    expect(most).toBe(1)
  })
})

describe('a stream and its lease', () => {
  const leased = { ...config, leaseMs: 1_000 } as const
  const STREAM = { request: {}, target: 'openai/model', maxOutputTokens: 5 }

  it('that nobody reads on is abandoned, and its provider is told', async () => {
    const { clock, plimsoll, left, records } = setUp(leased)
    let signal: AbortSignal | undefined
    const host = streamHost(async function* endless(given) {
      signal = given
      for (;;) yield { content: true }
    })
    const { end } = await opened(plimsoll.execute({ host, ...STREAM }))
    await clock.advance(1_000)
    expect([(await end).how, signal?.aborted, await left('openai/model', 'slots')]).toEqual([
      'abandoned',
      true,
      1,
    ])
    expect(records()).toMatchObject([{ outcome: 'abandoned', estimated: true }])
  })

  it('is renewed by what comes from upstream', async () => {
    const { clock, plimsoll } = setUp(leased)
    const host = streamHost(async function* endless() {
      for (;;) yield { content: true }
    })
    const { value } = await opened(plimsoll.execute({ host, ...STREAM }))
    for (let part = 0; part < 10; part++) {
      await value.next()
      await clock.advance(900)
    }
    expect(plimsoll.state().reservations).toBe(1)
  })

  it('is no matter while its reader waits for a provider that is silent', async () => {
    const { clock, plimsoll } = setUp(leased)
    const host = streamHost(async function* slow() {
      yield { content: true }
      await new Promise<void>((done) => clock.timer(60_000, done))
      yield { content: true }
    })
    const { value } = await opened(plimsoll.execute({ host, ...STREAM }))
    await value.next()
    const pull = value.next()
    await clock.advance(60_000)
    expect((await pull).done).toBe(false)
  })

  it('is no matter while the answer has not opened', async () => {
    const { clock, plimsoll } = setUp(leased)
    const call = plimsoll.call(CALL, async () => {
      await new Promise<void>((done) => clock.timer(60_000, done))
      return 'late'
    })
    await clock.advance(60_000)
    expect(await call).toBe('late')
  })
})
