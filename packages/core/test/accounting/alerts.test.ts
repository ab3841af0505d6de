import { expect, it } from 'vitest'
import { sleep } from '../support/caching.ts'
import { MINUTE, outcomeOf, setUp } from '../support/set-up.ts'

const CALL = { target: 'openai/model', task: 'summary', inputTokens: 100, maxOutputTokens: 10 } as const

function setUpSummaries() {
  const host = setUp({ targets: { [CALL.target]: { limits: { concurrency: 2 } } } })
  const ask = (own: object = {}) =>
    host.plimsoll.call({ ...CALL, ...own }, async () => {
      await sleep(host.clock, 1_000)
      return 'a summary'
    })
  /** One after the other, so that nobody waits. */
  const calmly = async (own: object = {}) => {
    for (let nth = 0; nth < 25; nth++) {
      const answer = ask(own)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await host.clock.advance(1_000)
      // oxlint-disable-next-line no-await-in-loop -- it is there
      await answer
    }
  }
  return { ...host, ask, calmly }
}

it('a crowd in the queue is told as that, and not as a slow provider', async () => {
  const { ask, calmly, clock, plimsoll } = setUpSummaries()
  await calmly()
  await clock.advance(20 * MINUTE)
  expect(plimsoll.alerts()).toEqual([])
  const crowd = Array.from({ length: 25 }, () => ask())
  await clock.advance(MINUTE)
  await Promise.all(crowd)
  expect(plimsoll.alerts()).toMatchObject([
    { kind: 'latency', cause: 'queue', key: { task: 'summary' }, before: 1_000, now: 12_000 },
  ])
  await clock.advance(20 * MINUTE)
  expect(plimsoll.alerts()).toEqual([])
})

it('a prompt that has grown is told by its version', async () => {
  const { calmly, clock, plimsoll } = setUpSummaries()
  await calmly({ promptVersion: 'v11' })
  await clock.advance(20 * MINUTE)
  await calmly({ promptVersion: 'v12', inputTokens: 162 })
  expect(plimsoll.alerts().map(({ message }) => message)).toEqual([
    'Input tokens per request of summary rose 62 % after prompt version v12.',
  ])
})

it('a query that makes no sense is refused', async () => {
  const { plimsoll } = setUp()
  const asking = async (query: object) => plimsoll.alerts(query)
  expect(await outcomeOf(asking({ windowMs: 5 }))).toBe('invalid-call')
  expect(await outcomeOf(asking({ by: 'colour' }))).toBe('invalid-call')
})
