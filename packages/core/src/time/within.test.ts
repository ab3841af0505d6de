import { expect, it } from 'vitest'
import { virtualClock } from './virtual-clock.ts'
import { within } from './within.ts'

const never = () => new Promise<string>(() => {})

it('work that is done, or throws, at once or later, in time', async () => {
  const clock = virtualClock()
  const error = new Error('broken')
  const limits = { clock, ms: 10 }
  const thrown = within(() => {
    throw error
  }, limits)
  const all = [
    within(() => 5, limits),
    within(async () => 5, limits),
    thrown,
    within(() => Promise.reject(error), limits),
  ]
  expect(await Promise.all(all)).toEqual([
    { kind: 'done', value: 5 },
    { kind: 'done', value: 5 },
    { kind: 'threw', error },
    { kind: 'threw', error },
  ])
  expect(clock.pending).toBe(0)
})

it('work that never ends is not waited for', async () => {
  const clock = virtualClock()
  const timed = within(never, { clock, ms: 10 })
  await clock.advance(10)
  expect(await timed).toEqual({ kind: 'timeout' })
  expect(clock.pending).toBe(0)
})

it('who leaves does not wait, and what has left already begins nothing', async () => {
  const clock = virtualClock()
  const controller = new AbortController()
  const { signal } = controller
  const timed = within(never, { clock, ms: Infinity, signal })
  controller.abort('gone')
  let begun = false
  const late = within(() => (begun = true), { clock, ms: 10, signal })
  expect([await timed, await late, begun, clock.pending]).toEqual([
    { kind: 'aborted', reason: 'gone' },
    { kind: 'aborted', reason: 'gone' },
    false,
    0,
  ])
})
