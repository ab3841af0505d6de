import { Clock, Context, Effect, Random } from 'effect'
import { describe, expect, it } from 'vitest'
import { bridgedClock } from './clock.ts'

interface Hands {
  wallMs: number
  monotonicMs: number
}

/** A context whose clock stands where its hands are put. */
function at(hands: Hands): Context.Context<never> {
  const clock = Object.assign(Object.create(Clock.Clock.defaultValue()) as Clock.Clock, {
    currentTimeMillisUnsafe: () => hands.wallMs,
    monotonicTimeNanosUnsafe: () => BigInt(hands.monotonicMs) * 1_000_000n,
  })
  return Context.make(Clock.Clock, clock)
}

describe('the core’s clock over Effect’s', () => {
  it('is Unix time to begin with, and goes on by what passes, however the wall clock is set', () => {
    const hands = { wallMs: 1_700_000_000_000, monotonicMs: 50 }
    const clock = bridgedClock(at(hands))
    expect(clock.now()).toBe(1_700_000_000_000)
    Object.assign(hands, { wallMs: 1_700_003_600_000, monotonicMs: 75 })
    expect(clock.now()).toBe(1_700_000_000_025)
  })

  it('is the time of the latest context, and does not begin anew where that is the same', () => {
    const hands = { wallMs: 1_000, monotonicMs: 0 }
    const context = at(hands)
    const clock = bridgedClock(context)
    Object.assign(hands, { wallMs: 9_000, monotonicMs: 5 })
    clock.follow(context)
    expect(clock.now()).toBe(1_005)
    clock.follow(at({ wallMs: 7, monotonicMs: 3 }))
    expect(clock.now()).toBe(7)
  })

  it('rolls the dice of the latest context', () => {
    const dice = (value: number) =>
      Context.add(at({ wallMs: 0, monotonicMs: 0 }), Random.Random, {
        nextIntUnsafe: () => 0,
        nextDoubleUnsafe: () => value,
      })
    const clock = bridgedClock(dice(0.25))
    expect(clock.random()).toBe(0.25)
    clock.follow(dice(0.75))
    expect(clock.random()).toBe(0.75)
  })

  it('rings a timer once, unless it is cancelled or the clock is closed', async () => {
    const rung: string[] = []
    const clock = bridgedClock(Context.empty())
    clock.timer(1, () => rung.push('first'))
    clock.timer(1, () => rung.push('cancelled'))()
    await Effect.runPromise(Effect.sleep(20))
    clock.timer(1, () => rung.push('closed'))
    clock.close()
    clock.timer(1, () => rung.push('later'))
    await Effect.runPromise(Effect.sleep(20))
    expect(rung).toEqual(['first'])
  })
})
