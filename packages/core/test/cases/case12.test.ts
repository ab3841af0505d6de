import { expect, it } from 'vitest'
import { ONE_TRY, outcomeOf, setUp } from '../support/set-up.ts'

const config = { ...ONE_TRY, targets: { 'openai/model': { limits: { concurrency: 1 } } } } as const
const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }

it.each([
  ['of its own', Object.assign(new Error('timed out'), { name: 'TimeoutError' })],
  ['of its connection', Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })],
  ['of a gateway', Object.assign(new Error('timed out'), { status: 504 })],
])('case 12: a provider that times out gives its slot back: a timeout %s', async (_whose, error) => {
  const { plimsoll } = setUp(config)
  const failed = plimsoll.call(CALL, () => Promise.reject(error))
  const next = plimsoll.call(CALL, async () => 'answered')
  expect([await outcomeOf(failed).then(() => 'failed'), await outcomeOf(next)]).toEqual([
    'failed',
    'answered',
  ])
})

it('case 12: a provider that hangs gives its slot back when its caller has had enough, though it does not listen', async () => {
  const { clock, plimsoll } = setUp(config)
  const controller = new AbortController()
  const hanging = plimsoll.call({ ...CALL, signal: controller.signal }, () => new Promise(() => {}))
  const next = plimsoll.call(CALL, async () => 'answered')
  clock.timer(5_000, () => controller.abort(new Error('had enough')))
  const outcomes = Promise.all([outcomeOf(hanging), outcomeOf(next)])
  await clock.advance(5_000)
  expect(await outcomes).toEqual(['had enough', 'answered'])
  expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
})
