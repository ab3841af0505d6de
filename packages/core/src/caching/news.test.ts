import { describe, expect, it } from 'vitest'
import { virtualClock } from '../time/virtual-clock.ts'
import { News } from './news.ts'

const { signal: never } = new AbortController()

function setUp() {
  const clock = virtualClock()
  const news = new News(clock)
  const woken: string[] = []
  const wait = (name: string, { key = name, ms = 1_000, signal = never } = {}) => {
    const listener = news.listen(key)
    void listener.wait(ms, signal).then(() => {
      woken.push(name)
      listener.stop()
    })
  }
  return { clock, news, woken, wait }
}

describe('who waits for news', () => {
  it('is woken by those of its key, by those for everybody, and by time', async () => {
    const { clock, news, woken, wait } = setUp()
    for (const name of ['a', 'b', 'c', 'd']) wait(name, { ms: name === 'd' ? 10 : 1_000 })
    wait('also a', { key: 'a' })
    news.tell(['a', 'unheard of'])
    await clock.advance(0)
    expect(woken).toEqual(['a', 'also a'])
    await clock.advance(10)
    expect(woken).toEqual(['a', 'also a', 'd'])
    news.tellAll()
    await clock.advance(0)
    expect(woken).toEqual(['a', 'also a', 'd', 'b', 'c'])
    expect(clock.pending).toBe(0)
  })

  it('hears what was told since it began to listen', async () => {
    const { news, clock } = setUp()
    const listener = news.listen('a')
    news.tell(['a'])
    await listener.wait(1_000, never)
    listener.stop()
    expect(clock.pending).toBe(0)
    const deaf = news.listen('a')
    let woken = false
    void deaf.wait(1_000, never).then(() => (woken = true))
    await clock.advance(999)
    expect(woken).toBe(false)
  })

  it('is woken when it is to wait no longer', async () => {
    const { clock, woken, wait } = setUp()
    const controller = new AbortController()
    wait('a', { signal: controller.signal })
    controller.abort()
    wait('late', { signal: controller.signal })
    await clock.advance(0)
    expect([woken.toSorted(), clock.pending]).toEqual([['a', 'late'], 0])
  })
})
