import { describe, expect, it } from 'vitest'
import { Quiet } from './quiet.ts'

function quieting() {
  const state = { busy: true, asked: 0, came: [] as number[] }
  const quiet = new Quiet(() => {
    state.asked++
    return !state.busy
  })
  return { state, quiet }
}

const settled = async (promise: Promise<void>) =>
  Promise.race([promise.then(() => true), Promise.resolve().then(() => Promise.resolve(false))])

describe('quiet', () => {
  it('comes to all who wait for it, when something has ended and nothing goes on', async () => {
    const { state, quiet } = quieting()
    const [one, other] = [quiet.come(), quiet.come()]
    quiet.check()
    expect(await settled(one.quiet)).toBe(false)
    state.busy = false
    expect(await settled(one.quiet)).toBe(false)
    quiet.check()
    expect([await settled(one.quiet), await settled(other.quiet)]).toEqual([true, true])
  })

  it('is there at once where nothing goes on', async () => {
    const { state, quiet } = quieting()
    state.busy = false
    expect(await settled(quiet.come().quiet)).toBe(true)
  })

  it('is not looked for while nobody waits for it', () => {
    const { state, quiet } = quieting()
    quiet.check()
    expect(state.asked).toBe(0)
  })

  it('may be given up', async () => {
    const { quiet } = quieting()
    const { quiet: never, giveUp } = quiet.come()
    giveUp()
    expect(await settled(never)).toBe(true)
  })
})
