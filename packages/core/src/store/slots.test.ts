import { describe, expect, it } from 'vitest'
import { Slots } from './slots.ts'

function slots(capacity = 8): Slots {
  return new Slots({ key: 'k', algorithm: 'slots', capacity, perMs: Number.POSITIVE_INFINITY })
}

describe('slots', () => {
  it('are in use until they are given back, however long that takes', () => {
    const meter = slots(2)
    meter.hold(0, 2)
    expect([meter.room(1e12), meter.waitMs(0, 1, 0)]).toEqual([0, Number.POSITIVE_INFINITY])
    meter.drop(0, 1)
    expect([meter.room(1), meter.waitMs(1, 1, 0)]).toEqual([1, 0])
  })

  it('leave what is kept for higher priorities', () => {
    const meter = slots(3)
    meter.hold(0, 1)
    expect([meter.fits(0, 1, 1), meter.fits(0, 1, 2)]).toEqual([true, false])
  })

  it('open one after a pause, and twice as many with each answer since', () => {
    const meter = slots()
    meter.pause(0, 1_000, 1)
    const room = [meter.room(1_000)]
    for (let answer = 0; answer < 4; answer++) {
      meter.count(1_000)
      room.push(meter.room(1_000))
    }
    expect(room).toEqual([1, 2, 4, 8, 8])
  })

  it('open after a pause as many as the largest call takes', () => {
    const meter = slots()
    meter.pause(0, 1_000, 3)
    expect(meter.room(1_000)).toBe(3)
    meter.pause(1_000, 1_000, 0)
    expect(meter.room(2_000)).toBe(1)
  })

  it('forget a minute after a pause that there was one', () => {
    const meter = slots()
    meter.pause(0, 1_000, 1)
    expect([meter.room(60_999), meter.room(61_000)]).toEqual([1, 8])
  })

  it('wait out the longer of two pauses', () => {
    const meter = slots()
    meter.pause(0, 1_000, 1)
    meter.pause(0, 500, 1)
    expect([meter.fits(999, 1, 0), meter.fits(1_000, 1, 0)]).toEqual([false, true])
    expect([meter.waitMs(400, 1, 0), meter.waitMs(1_000, 1, 0)]).toEqual([600, 0])
  })

  it('may be fewer than are in use: none is free until so many are back', () => {
    const meter = slots()
    meter.hold(0, 6)
    meter.resize(0, { ...meter.bucket, capacity: 4 })
    expect(meter.room(0)).toBe(-2)
    meter.drop(0, 3)
    expect(meter.room(0)).toBe(1)
  })

  it('are at rest when none is in use, and none is held back', () => {
    const meter = slots()
    meter.pause(0, 10, 1)
    expect([meter.atRest(20), meter.atRest(60_010)]).toEqual([false, true])
    meter.hold(70_000, 1)
    expect(meter.atRest(70_000)).toBe(false)
  })

  it('are not at rest while they are paused, be it a single one', () => {
    const meter = slots(1)
    meter.pause(0, 10, 1)
    expect([meter.atRest(9), meter.atRest(10)]).toEqual([false, true])
  })

  it('without a bound are at rest only when none is in use', () => {
    const meter = slots(Number.POSITIVE_INFINITY)
    expect(meter.atRest(0)).toBe(true)
    meter.hold(0, 1)
    expect(meter.atRest(0)).toBe(false)
  })
})
