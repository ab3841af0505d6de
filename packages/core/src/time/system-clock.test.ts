import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from './system-clock.ts'

describe('the time of the machine', () => {
  it('is Unix time, and does not go back', () => {
    const [first, second] = [systemClock.now(), systemClock.now()]
    expect(Math.abs(first - Date.now())).toBeLessThan(60_000)
    expect(second).toBeGreaterThanOrEqual(first)
  })

  it('has chance in [0, 1)', () => {
    expect(systemClock.random()).toBeGreaterThanOrEqual(0)
    expect(systemClock.random()).toBeLessThan(1)
  })
})

describe('a timer of the machine', () => {
  const ring = vi.fn<() => void>()
  beforeEach(() => {
    vi.useFakeTimers()
    ring.mockClear()
  })
  afterEach(() => vi.useRealTimers())

  it('is rounded up: one cut to whole milliseconds would wake just before there is room', () => {
    systemClock.timer(10.2, ring)
    vi.advanceTimersByTime(10)
    expect(ring).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(ring).toHaveBeenCalledOnce()
  })

  it('of a time that is past rings at once', () => {
    systemClock.timer(-5, ring)
    vi.advanceTimersByTime(0)
    expect(ring).toHaveBeenCalledOnce()
  })

  it('may be longer than the platform’s longest', () => {
    const days60 = 60 * 86_400_000
    systemClock.timer(days60, ring)
    vi.advanceTimersByTime(days60 - 1)
    expect(ring).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(ring).toHaveBeenCalledOnce()
  })

  it('can be cancelled, in its second stretch too, and more than once', () => {
    const cancel = systemClock.timer(60 * 86_400_000, ring)
    vi.advanceTimersByTime(30 * 86_400_000)
    cancel()
    cancel()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps the process alive, unless it is for housekeeping', () => {
    const set = vi.spyOn(globalThis, 'setTimeout')
    systemClock.timer(1, ring)
    systemClock.timer(1, ring, true)
    const alive = set.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())
    expect(alive).toEqual([true, false])
  })
})
