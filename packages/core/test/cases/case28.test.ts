import { expect, it } from 'vitest'
import { opened, parts, setUp, streamHost } from '../support/set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }

it('case 28: an attempt that took too long aborts itself only: the next one answers', async () => {
  const { clock, plimsoll, records } = setUp({ timeouts: { attemptMs: 1_000 } })
  const signals: AbortSignal[] = []
  const call = plimsoll.call(CALL, async ({ attempt, signal }) => {
    signals.push(signal)
    if (attempt === 1) await new Promise(() => {})
    return 'answered'
  })
  await clock.advance(2_000)
  expect(await call).toBe('answered')
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  expect(records()).toMatchObject([{ outcome: 'finished', attempts: 2, failures: { timeout: 1 } }])
})

it('case 28: a deadline that passes while a later attempt answers does not throw its answer away', async () => {
  const { clock, plimsoll } = setUp({ timeouts: { attemptMs: 1_000 } })
  const run = plimsoll.workflow('answer', { deadlineMs: 2_000 }, () =>
    plimsoll.call(CALL, async ({ attempt }) => {
      await new Promise<void>((done) => clock.timer(attempt === 1 ? 60_000 : 999, done))
      return clock.now()
    }),
  )
  await clock.advance(10_000)
  expect(await run).toBeGreaterThan(0)
})

it('case 28: nor does that of the call itself, once a stream has begun', async () => {
  const { clock, plimsoll } = setUp({ timeouts: { callMs: 2_000 } })
  const host = streamHost(async function* slow() {
    yield { content: true }
    await new Promise<void>((done) => clock.timer(60_000, done))
    yield* parts({ content: true }, { finish: 'stop' })
  })
  const request = { request: {}, target: 'openai/model', maxOutputTokens: 5 }
  const { value, end } = await opened(plimsoll.execute({ host, ...request }))
  const read = (async () => {
    while ((await value.next()).done !== true);
  })()
  await clock.advance(60_000)
  await read
  expect((await end).how).toBe('finished')
})

it('case 28: the deadline of the call ends an attempt that has not answered, and nothing is tried after it', async () => {
  const { clock, plimsoll, records } = setUp({ timeouts: { callMs: 2_000 } })
  let tries = 0
  const call = plimsoll.call(CALL, () => {
    tries++
    return new Promise(() => {})
  })
  const caught = call.catch((error: unknown) => error)
  await clock.advance(2_000)
  expect(await caught).toMatchObject({ name: 'TimeoutError' })
  await clock.advance(60_000)
  expect(tries).toBe(1)
  expect(records()).toMatchObject([{ outcome: 'failed', reason: 'timeout', latencyMs: { total: 2_000 } }])
})
