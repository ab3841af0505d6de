import { describe, expect, it } from 'vitest'
import { Alarm } from './alarm.ts'
import { virtualClock } from './virtual-clock.ts'

function setUp() {
  const clock = virtualClock()
  const rang: number[] = []
  const alarm = new Alarm(clock, () => rang.push(clock.now()))
  return { clock, alarm, rang }
}

describe('an alarm', () => {
  it('rings once, when it was set to', () => {
    const { clock, alarm, rang } = setUp()
    alarm.set(10, 0)
    clock.advanceSync(100)
    expect(rang).toEqual([10])
  })

  it('set earlier rings earlier; set later it may ring early, never late', () => {
    const { clock, alarm, rang } = setUp()
    alarm.set(50, 0)
    alarm.set(10, 0)
    alarm.set(30, 0)
    expect(clock.pending).toBe(1)
    clock.advanceSync(100)
    expect(rang).toEqual([10])
  })

  it('can be set again once it rang', () => {
    const { clock, alarm, rang } = setUp()
    alarm.set(10, 0)
    clock.advanceSync(10)
    alarm.set(30, 10)
    clock.advanceSync(100)
    expect(rang).toEqual([10, 30])
  })

  it('never rings at once: whoever is woken too early would set it again for ever', () => {
    const { clock, alarm, rang } = setUp()
    alarm.set(-5, 0)
    clock.advanceSync(0)
    expect(rang).toEqual([])
    clock.advanceSync(0.01)
    expect(rang).toHaveLength(1)
  })

  it('is turned off by `clear`, and by what never comes', () => {
    const { clock, alarm, rang } = setUp()
    alarm.set(10, 0)
    alarm.clear()
    alarm.set(10, 0)
    alarm.set(Number.POSITIVE_INFINITY, 0)
    alarm.clear()
    expect([clock.pending, rang]).toEqual([0, []])
    alarm.set(20, 0)
    clock.advanceSync(20)
    expect(rang).toEqual([20])
  })
})
