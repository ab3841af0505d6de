import { expect, it } from 'vitest'
import { opened, parts, setUp, streamHost, used } from '../support/set-up.ts'

const TARGET = 'openai/model'
const config = {
  targets: { [TARGET]: { limits: { rpm: 10_000 } } },
  prices: { [TARGET]: { input: 1, output: 4 } },
  hedge: true,
} as const
const CALL = { target: TARGET, inputTokens: 100, maxOutputTokens: 10 }

/** Teaches it that answers take 100 ms. */
async function warmedUp() {
  const at = setUp(config)
  for (let call = 0; call < 300; call++) {
    const answer = at.plimsoll.call(CALL, () => answerAfter(at.clock, 100))
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await at.clock.advance(100)
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await answer
  }
  at.events.length = 0
  return at
}

async function answerAfter({ timer }: Pick<ReturnType<typeof setUp>['clock'], 'timer'>, ms: number) {
  await new Promise<void>((done) => timer(ms, done))
  return used(100, 10)
}

it('case 15: what a hedge lost is counted and paid for, and told as wasted', async () => {
  const { clock, plimsoll, records, events } = await warmedUp()
  const signals: AbortSignal[] = []
  const call = plimsoll.call(CALL, ({ signal, attempt }) => {
    signals.push(signal)
    return answerAfter(clock, attempt === 1 ? 60_000 : 50)
  })
  await clock.advance(2_000)
  expect(await call).toEqual(used(100, 10))
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  expect(events.filter(({ type }) => type === 'hedge.started')).toHaveLength(1)
  const [record] = records()
  expect(record).toMatchObject({
    outcome: 'finished',
    attempts: 2,
    usage: { inputTokens: 200, outputTokens: 20 },
    estimated: true,
  })
  expect(record!.wastedUsd).toBeCloseTo(0.000_14, 9)
  expect(record!.costUsd).toBeCloseTo(0.000_28, 9)
  expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
})

it('case 15: of two that are both answered, the one that is thrown away is paid for exactly', async () => {
  const { clock, plimsoll, records } = await warmedUp()
  const { promise: both, resolve } = Promise.withResolvers<void>()
  let sent = 0
  const call = plimsoll.call(CALL, async ({ attempt }) => {
    sent++
    await both
    return used(100, attempt)
  })
  await clock.advance(2_000)
  resolve()
  await call
  expect(sent).toBe(2)
  expect(records()).toMatchObject([{ attempts: 2, usage: { inputTokens: 200, outputTokens: 3 } }])
  expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
})

it('case 15: a stream that lost is closed, and paid for', async () => {
  const { clock, plimsoll, records } = await warmedUp()
  let closed = false
  let tries = 0
  const finish = { finish: 'stop', usage: { inputTokens: 100, outputTokens: 5 } } as const
  async function* slow() {
    try {
      await new Promise<void>((done) => clock.timer(60_000, done))
      yield { content: true }
    } finally {
      closed = true
    }
  }
  const host = streamHost(() => (++tries === 1 ? slow() : parts({ content: true }, finish)))
  const reply = opened(plimsoll.execute({ host, request: {}, target: TARGET, maxOutputTokens: 10 }))
  await clock.advance(2_000)
  const { value, end } = await reply
  while ((await value.next()).done !== true);
  await end
  expect(records()).toMatchObject([{ outcome: 'finished', attempts: 2, estimated: true }])
  expect(records()[0]!.wastedUsd).toBeGreaterThan(0)
  expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  await clock.advance(60_000)
  expect(closed).toBe(true)
})

it('case 15: a caller that leaves ends both', async () => {
  const { clock, plimsoll, records } = await warmedUp()
  const caller = new AbortController()
  const signals: AbortSignal[] = []
  const call = plimsoll.call({ ...CALL, signal: caller.signal }, ({ signal }) => {
    signals.push(signal)
    return new Promise(() => {})
  })
  const caught = call.catch((error: unknown) => error)
  await clock.advance(2_000)
  caller.abort('left')
  expect(await caught).toBe('left')
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  expect(records()).toMatchObject([{ outcome: 'aborted', attempts: 2 }])
  expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
})
