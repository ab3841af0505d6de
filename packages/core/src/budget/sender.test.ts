import { describe, expect, it } from 'vitest'
import type { Store } from '../store/port.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { Sender } from './sender.ts'

const OP = { type: 'cancel', id: 1 } as const

/** A store that answers when its test says so. */
function sending() {
  const clock = virtualClock()
  const at: number[] = []
  const dones: ((failed: boolean, rest?: object) => void)[] = []
  const failed: unknown[] = []
  const store: Store = {
    send(_op, now, done) {
      at.push(now)
      dones.push((fails, rest) =>
        done((fails ? { kind: 'failure', error: new Error('down'), ...rest } : { kind: 'done' }) as never),
      )
    },
  }
  const sender = new Sender({ store, clock, now: () => clock.now(), onFailed: (error) => failed.push(error) })
  const isIdle = async () => {
    let idle = false
    void sender.idle().then(() => {
      idle = true
    })
    await Promise.resolve()
    await Promise.resolve()
    return idle
  }
  return { clock, sender, at, dones, failed, isIdle }
}

describe('telling the store', () => {
  it('is over, and no failure of its own, where it was done but may not last: the store tells of that itself', async () => {
    const { clock, sender, at, dones, failed, isIdle } = sending()
    sender.surely(OP, 0)
    dones[0]!(true, { done: true })
    expect([await isIdle(), failed, clock.pending, at]).toEqual([true, [], 0, [0]])
  })

  it('surely, tries eight times, twice as long apart each time', () => {
    const { clock, sender, at, dones, failed } = sending()
    sender.surely(OP, 0)
    for (let tries = 0; tries < 8; tries++) {
      dones.at(-1)!(true)
      clock.advanceSync(50 * 2 ** tries)
    }
    clock.advanceSync(60_000)
    expect(at).toEqual([0, 50, 150, 350, 750, 1_550, 3_150, 6_350])
    expect(failed).toHaveLength(8)
  })

  it('surely, is over once it is taken', () => {
    const { clock, sender, at, dones } = sending()
    sender.surely(OP, 0)
    dones[0]!(true)
    clock.advanceSync(50)
    dones[1]!(false)
    clock.advanceSync(60_000)
    expect(at).toEqual([0, 50])
  })

  it('once, says that it failed and leaves it at that', () => {
    const { clock, sender, at, dones, failed } = sending()
    sender.once(OP, 0)
    dones[0]!(true)
    clock.advanceSync(60_000)
    expect([at, failed.length]).toEqual([[0], 1])
  })
})

describe('being idle', () => {
  it('is having nothing under way, and nothing to be tried again', async () => {
    const { clock, sender, dones, isIdle } = sending()
    expect(await isIdle()).toBe(true)
    sender.surely(OP, 0)
    sender.once(OP, 0)
    expect(await isIdle()).toBe(false)
    dones[1]!(false)
    expect(await isIdle()).toBe(false)
    dones[0]!(true)
    expect(await isIdle()).toBe(false)
    const idle = sender.idle()
    clock.advanceSync(50)
    expect(await isIdle()).toBe(false)
    dones[2]!(false)
    await idle
    expect(await isIdle()).toBe(true)
  })
})
