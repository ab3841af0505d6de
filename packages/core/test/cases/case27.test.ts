import { describe, expect, it } from 'vitest'
import type { PartInfo } from '@plimsoll/core'
import { ONE_TRY, opened, setUp, streamHost } from '../support/set-up.ts'

const STREAM = { request: {}, target: 'openai/model', maxOutputTokens: 5 }
const KEEP_ALIVE: PartInfo = {}
const CONTENT: PartInfo = { content: true }

/** Parts, each after so many milliseconds. */
function streamOf(at: ReturnType<typeof setUp>, list: readonly (readonly [number, PartInfo])[]) {
  return streamHost(async function* source() {
    for (const [ms, part] of list) {
      await new Promise<void>((done) => at.clock.timer(ms, done))
      yield part
    }
  })
}

const keepAlives = (count: number, everyMs: number) =>
  Array.from({ length: count }, () => [everyMs, KEEP_ALIVE] as const)

describe('case 27: the timeout of the first content', () => {
  const config = { ...ONE_TRY, timeouts: { firstContentMs: 1_000 } } as const

  it('fires while nothing has come, not only afterwards', async () => {
    const at = setUp(config)
    const outcome = at.plimsoll.execute({ host: streamOf(at, [[60_000, CONTENT]]), ...STREAM })
    let isOver = false
    void outcome.then(() => (isOver = true))
    await at.clock.advance(999)
    expect(isOver).toBe(false)
    await at.clock.advance(1)
    expect(await outcome).toMatchObject({ kind: 'failed', failure: { class: 'timeout' } })
  })

  it('is not put off by keep-alives', async () => {
    const at = setUp(config)
    const outcome = at.plimsoll.execute({ host: streamOf(at, keepAlives(100, 100)), ...STREAM })
    await at.clock.advance(1_000)
    expect(await outcome).toMatchObject({ kind: 'failed', failure: { class: 'timeout' } })
    expect(at.records()).toMatchObject([{ outcome: 'failed', reason: 'timeout', failures: { timeout: 1 } }])
    expect(at.plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('leaves alone an answer that began in time', async () => {
    const at = setUp(config)
    const list = [...keepAlives(9, 100), [50, CONTENT], [60_000, { finish: 'stop' }]] as const
    const outcome = opened(at.plimsoll.execute({ host: streamOf(at, list), ...STREAM }))
    await at.clock.advance(1_000)
    const { value, end } = await outcome
    const read = (async () => {
      while ((await value.next()).done !== true);
    })()
    await at.clock.advance(60_000)
    await read
    expect((await end).how).toBe('finished')
  })
})

describe('case 27: the timeout between chunks', () => {
  const config = { ...ONE_TRY, timeouts: { betweenChunksMs: 1_000 } } as const

  it('ends a stream that goes on with nothing but keep-alives', async () => {
    const at = setUp(config)
    const list = [[10, CONTENT], ...keepAlives(100, 100)] as const
    const outcome = opened(at.plimsoll.execute({ host: streamOf(at, list), ...STREAM }))
    await at.clock.advance(10)
    const { value, end } = await outcome
    const read = (async () => {
      while ((await value.next()).done !== true);
    })().catch((error: unknown) => error)
    await at.clock.advance(1_000)
    expect(await read).toMatchObject({ name: 'TimeoutError' })
    expect(await end).toMatchObject({ how: 'failed', failure: { class: 'timeout' } })
    expect(at.plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('is no matter of a reader that is slow', async () => {
    const at = setUp(config)
    const list = [
      [10, CONTENT],
      [900, CONTENT],
      [900, CONTENT],
      [900, { finish: 'stop' }],
    ] as const
    const outcome = opened(at.plimsoll.execute({ host: streamOf(at, list), ...STREAM }))
    await at.clock.advance(10)
    const { value, end } = await outcome
    for (let part = value.next(); ; part = value.next()) {
      await at.clock.advance(900)
      if ((await part).done === true) break
      await at.clock.advance(20_000)
    }
    expect((await end).how).toBe('finished')
    // The alarm for leases, which is left to ring for nothing.
    expect(at.clock.pending).toBe(1)
  })
})
