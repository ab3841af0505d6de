import { expect, it } from 'vitest'
import { virtualClock } from '../time/virtual-clock.ts'
import { Sleepers } from './sleep.ts'

function setUp() {
  const clock = virtualClock()
  const sleepers = new Sleepers(clock)
  const awake: string[] = []
  const sleep = (name: string, ms: number, signal?: AbortSignal) =>
    void sleepers.sleep(ms, signal).then(() => awake.push(name))
  return { clock, sleepers, awake, sleep }
}

it('sleeps until its time, or its signal, and leaves nothing behind', async () => {
  const { clock, awake, sleep } = setUp()
  const caller = new AbortController()
  sleep('short', 10)
  sleep('long', 1_000)
  sleep('aborted', 5_000, caller.signal)
  sleep('aborted before', 5_000, AbortSignal.abort())
  await clock.advance(10)
  expect(awake).toEqual(['aborted before', 'short'])
  caller.abort()
  await clock.advance(1_000)
  expect(awake).toEqual(['aborted before', 'short', 'aborted', 'long'])
  expect(clock.pending).toBe(0)
})

it('wakes everyone when it is closed, and nobody sleeps after that', async () => {
  const { clock, sleepers, awake, sleep } = setUp()
  sleep('one', 1_000)
  sleep('other', 2_000)
  sleepers.close()
  sleep('late', 3_000)
  await clock.advance(0)
  expect(awake).toEqual(['one', 'other', 'late'])
  expect(clock.pending).toBe(0)
})
