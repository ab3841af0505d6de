import { describe, expect, it } from 'vitest'
import type { Call } from '../call/call.ts'
import { newCallState } from '../call/call.ts'
import { Events } from '../call/events.ts'
import type { PlimsollEvent } from '../call/events.ts'
import type { FailureClass, Outcome } from '../call/outcome.ts'
import { compose } from '../call/policy.ts'
import type { Policy } from '../call/policy.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { retry } from './retry.ts'
import type { RetryConfig } from './retry-config.ts'
import { Sleepers } from './sleep.ts'

/** The policy alone, before a target that always fails in this way, and behind one that tries several targets in turn. */
function setUp({
  config = {},
  fails = 'server',
  targets = ['a'],
}: { config?: RetryConfig; fails?: FailureClass; targets?: readonly string[] } = {}) {
  const clock = virtualClock()
  const events = new Events()
  const told: PlimsollEvent[] = []
  events.listen((event) => told.push(event))
  const sent: string[] = []
  const state = newCallState(0)
  const each: Policy = {
    name: 'each',
    async run(call, next) {
      let outcome: Outcome<never> = { kind: 'aborted', reason: 'no target' }
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      for (const target of targets) outcome = (await next({ ...call, target })) as Outcome<never>
      return outcome
    },
  }
  const sleepers = new Sleepers(clock)
  const policy = retry({
    clock,
    sleepers,
    now: () => clock.now(),
    events,
    configOf: () => config,
    maxWaitMs: () => 60_000,
    openUntil: () => Number.NEGATIVE_INFINITY,
  })
  const step = compose([each, policy], async ({ target }) => {
    sent.push(target)
    state.attempts++
    return { kind: 'failed', failure: { class: fails }, error: new Error(fails) }
  })
  const call = { id: '1', target: 'a', attributes: {}, deadline: Infinity, state } as unknown as Call<never>
  const run = async () => {
    const outcome = step(call)
    await clock.advance(120_000)
    return outcome
  }
  return { run, sent, told, state, sleepers, step: () => step(call), clock }
}

describe('tries at one target', () => {
  it.each([
    ['server', 3],
    ['overloaded', 3],
    ['network', 3],
    ['timeout', 2],
    ['auth', 1],
    ['not-found', 1],
    ['quota-exhausted', 1],
    ['invalid-request', 1],
    ['too-large', 1],
    ['context-overflow', 1],
    ['content-filter', 1],
    ['aborted', 1],
  ] as const)('are by the class: of %s %i', async (fails, tries) => {
    const { run, sent } = setUp({ fails })
    await run()
    expect(sent).toHaveLength(tries)
  })

  it('of a timeout are two, however many attempts there may be', async () => {
    const { run, sent } = setUp({ fails: 'timeout', config: { maxAttempts: 5 } })
    await run()
    expect(sent).toHaveLength(2)
  })
})

describe('case 21: tries at several targets', () => {
  const targets = ['a', 'b', 'a', 'c', 'a', 'b']

  it('use up what those before have left: another target restarts nothing', async () => {
    const { run, sent } = setUp({ config: { maxAttempts: 3 }, fails: 'timeout', targets: ['a', 'b'] })
    await run()
    expect(sent).toEqual(['a', 'a', 'b'])
  })

  it('are first tries there: the budget is not asked for them', async () => {
    const { run, sent, told } = setUp({ fails: 'auth', targets })
    await run()
    expect([sent, told]).toEqual([targets, []])
  })
})

it('tells what it does, and counts how long it waited', async () => {
  const { run, told, state } = setUp()
  await run()
  expect(told).toMatchObject([
    { type: 'retry.scheduled', class: 'server', attempt: 2, target: 'a', callId: '1' },
    { type: 'retry.scheduled', class: 'server', attempt: 3 },
  ])
  const waits = told.map((event) => (event as { delayMs: number }).delayMs)
  expect(state.retryDelayMs).toBeCloseTo(waits[0]! + waits[1]!, 6)
})

it('who sleeps when all are woken tries at once', async () => {
  const { step, sleepers, sent, clock } = setUp()
  const outcome = step()
  await clock.advance(0)
  sleepers.close()
  expect(await outcome).toMatchObject({ kind: 'failed' })
  expect(sent).toHaveLength(3)
})
