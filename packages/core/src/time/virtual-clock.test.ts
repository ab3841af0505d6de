import { describe, expect, it } from 'vitest'
import { virtualClock } from './virtual-clock.ts'

describe('a virtual clock', () => {
  it('runs timers in order of time, those of one time in the order they were set', () => {
    const clock = virtualClock({ start: 1_000 })
    const ran: string[] = []
    for (const [name, ms] of [
      ['late', 20],
      ['first', 10],
      ['second', 10],
      ['now', -5],
    ] as const) {
      clock.timer(ms, () => ran.push(`${name} ${clock.now()}`))
    }
    clock.advanceSync(20)
    expect(ran).toEqual(['now 1000', 'first 1010', 'second 1010', 'late 1020'])
  })

  it('stands where it was told to, and runs nothing that is later', () => {
    const clock = virtualClock()
    let ran = 0
    clock.timer(10, () => ran++)
    clock.advanceSync(9.5)
    expect([clock.now(), ran, clock.pending]).toEqual([9.5, 0, 1])
    clock.advanceSync(0.5)
    expect([clock.now(), ran, clock.pending]).toEqual([10, 1, 0])
  })

  it('runs timers that timers set, within the time', () => {
    const clock = virtualClock()
    const ran: number[] = []
    const again = () => {
      ran.push(clock.now())
      clock.timer(4, again)
    }
    clock.timer(4, again)
    clock.advanceSync(10)
    expect(ran).toEqual([4, 8])
  })

  it('does not run what was cancelled, whenever and however often it was', () => {
    const clock = virtualClock()
    let ran = 0
    const cancel = clock.timer(10, () => ran++)
    cancel()
    cancel()
    const late = clock.timer(1, () => ran++)
    clock.runAllSync()
    late()
    expect(ran).toBe(1)
  })

  it('steps back and forth without running a timer: they go by what has elapsed', () => {
    const clock = virtualClock()
    let ran = 0
    clock.timer(10, () => ran++)
    clock.step(-50)
    expect([clock.now(), ran]).toEqual([-50, 0])
    clock.step(1_000)
    expect([clock.now(), ran]).toEqual([950, 0])
    clock.advanceSync(10)
    expect([clock.now(), ran]).toEqual([960, 1])
  })

  it('lets promises run between timers', async () => {
    const clock = virtualClock()
    const ran: number[] = []
    const sleep = (ms: number) => new Promise<void>((done) => clock.timer(ms, done))
    const done = (async () => {
      for (let nth = 0; nth < 3; nth++) {
        await sleep(10)
        ran.push(clock.now())
      }
    })()
    await clock.advance(25)
    expect(ran).toEqual([10, 20])
    await clock.runAll()
    await done
    expect(ran).toEqual([10, 20, 30])
  })

  it('names a loop instead of running for ever', async () => {
    const clock = virtualClock()
    const again = (): void => void clock.timer(1, again)
    again()
    expect(() => clock.runAllSync(100)).toThrow(/100 timers/)
    expect(() => clock.advanceSync(1_000, 100)).toThrow(/100 timers/)
    await expect(clock.runAll(100)).rejects.toThrow(/100 timers/)
  })

  it('gives the same chance for the same seed', () => {
    const three = (seed: number) => Array.from({ length: 3 }, virtualClock({ seed }).random)
    expect([three(7), three(7)]).toEqual([three(7), three(7)])
    expect(three(7)).not.toEqual(three(8))
  })
})
