import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Breaker } from './breaker.ts'

const OPTIONS = { failures: 3, openMs: 1_000 }
const at = (now: number) => ({ now, random: 0 })

function opened(): Breaker {
  const breaker = new Breaker()
  for (let failure = 0; failure < 3; failure++) breaker.failed(breaker.era, OPTIONS, at(0))
  return breaker
}

describe('a breaker', () => {
  it('opens with so many failures in a row', () => {
    const breaker = new Breaker()
    const opens = [1, 2, 3].map(() => breaker.failed(breaker.era, OPTIONS, at(0)))
    expect(opens).toEqual([false, false, true])
    expect([breaker.state(0), breaker.state(999), breaker.state(1_000)]).toEqual([
      'open',
      'open',
      'half-open',
    ])
  })

  it('does not when a success comes between', () => {
    const breaker = new Breaker()
    for (let round = 0; round < 100; round++) {
      breaker.failed(breaker.era, OPTIONS, at(0))
      breaker.failed(breaker.era, OPTIONS, at(0))
      breaker.succeeded(breaker.era)
    }
    expect(breaker.state(0)).toBe('closed')
  })

  it('closes with a probe that succeeds', () => {
    const breaker = opened()
    expect(breaker.enter(1_000)).toBe(true)
    expect(breaker.isProbing).toBe(true)
    expect(breaker.succeeded(breaker.era)).toBe(true)
    expect([breaker.state(1_000), breaker.isProbing]).toEqual(['closed', false])
  })

  it('stays open twice as long after each probe that fails, up to twelve times', () => {
    const breaker = opened()
    const lengths: number[] = []
    for (let probe = 0; probe < 6; probe++) {
      const now = breaker.openUntil
      breaker.enter(now)
      expect(breaker.failed(breaker.era, OPTIONS, at(now))).toBe(true)
      lengths.push(breaker.openUntil - now)
    }
    expect(lengths).toEqual([2_000, 4_000, 8_000, 12_000, 12_000, 12_000])
  })

  it('begins anew once it has closed', () => {
    const breaker = opened()
    breaker.enter(1_000)
    breaker.failed(breaker.era, OPTIONS, at(1_000))
    breaker.enter(3_000)
    breaker.succeeded(breaker.era)
    for (let failure = 0; failure < 3; failure++) breaker.failed(breaker.era, OPTIONS, at(5_000))
    expect(breaker.openUntil).toBe(6_000)
  })

  it('lets another probe pass when one came to nothing', () => {
    const breaker = opened()
    breaker.enter(1_000)
    breaker.left(breaker.era)
    expect([breaker.state(1_000), breaker.isProbing]).toEqual(['half-open', false])
  })

  it('learns nothing from what was sent before it opened', () => {
    const breaker = opened()
    const before = breaker.era - 1
    expect([breaker.succeeded(before), breaker.failed(before, OPTIONS, at(500))]).toEqual([false, false])
    expect(breaker.openUntil).toBe(1_000)
    breaker.enter(1_000)
    breaker.left(before)
    expect(breaker.isProbing).toBe(true)
  })

  it('keeps the longer of two deadlines', () => {
    const breaker = opened()
    const before = breaker.era - 1
    breaker.failed(before, OPTIONS, { ...at(500), leastMs: 9_000 })
    expect(breaker.openUntil).toBe(9_500)
    breaker.failed(before, OPTIONS, { ...at(600), leastMs: 10 })
    expect(breaker.openUntil).toBe(9_500)
  })

  it('opens at least as long as the provider asks', () => {
    const breaker = new Breaker()
    breaker.failed(0, { failures: 1, openMs: 1_000 }, { ...at(0), leastMs: 70_000 })
    expect(breaker.openUntil).toBe(70_000)
  })

  it('is calm until something is known against it', () => {
    const breaker = new Breaker()
    expect(breaker.isCalm).toBe(true)
    breaker.failed(0, OPTIONS, at(0))
    expect(breaker.isCalm).toBe(false)
    breaker.succeeded(0)
    expect([breaker.isCalm, opened().isCalm]).toEqual([true, false])
  })

  it('whatever happens: only half-open has probes, and only failures in a row, or a probe that fails, open it', () => {
    const what = fc.constantFrom('enter', 'left', 'succeeded', 'failed', 'failed', 'failed', 'wait')
    const events = fc.array(fc.tuple(what, fc.integer({ min: 0, max: 3_000 })), { maxLength: 200 })
    fc.assert(
      fc.property(events, (list) => {
        const breaker = new Breaker()
        let [now, inARow] = [0, 0]
        for (const [event, ms] of list) {
          const state = breaker.state(now)
          const { era } = breaker
          // While it is open nobody was let in who could tell of anything.
          const told = state === 'open' && event !== 'enter' ? 'wait' : event
          let [came, expected] = [false, false]
          switch (told) {
            case 'wait':
              now += ms
              break
            case 'enter':
              came = breaker.enter(now)
              expected = state === 'half-open'
              break
            case 'left':
              breaker.left(era)
              break
            case 'succeeded':
              came = breaker.succeeded(era)
              expected = state === 'half-open'
              inARow = 0
              break
            case 'failed':
              inARow++
              came = breaker.failed(era, OPTIONS, { now, random: 0.5, leastMs: ms })
              expected = state === 'half-open' || inARow >= OPTIONS.failures
              if (came) inARow = 0
              break
          }
          expect([told, came]).toEqual([told, expected])
          expect(breaker.era).toBe(came && told !== 'enter' ? era + 1 : era)
          expect(breaker.isProbing && breaker.state(now) === 'closed').toBe(false)
          const openedFor = came && told === 'failed' ? breaker.openUntil - now : Infinity
          expect(openedFor).toBeGreaterThanOrEqual(Math.max(ms, 1_000))
        }
      }),
    )
  })
})
