import { describe, expect, it, vi } from 'vitest'
import { Events } from './events.ts'
import type { Listener, PlimsollEvent } from './events.ts'

const EVENT: PlimsollEvent = { type: 'target.unlisted', at: 5, target: 'a/b' }
const mistake = new Error('a bug of the application')

describe('events', () => {
  it('are heard by all who listen, until they stop', () => {
    const events = new Events()
    const [one, other] = [vi.fn<Listener>(), vi.fn<Listener>()]
    const stop = events.listen(one)
    events.listen(other)
    events.emit(EVENT)
    stop()
    stop()
    events.emit(EVENT)
    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([1, 2])
  })

  it('need not be built where nobody listens', () => {
    const events = new Events()
    expect(events.heard).toBe(false)
    const stop = events.listen(() => {})
    expect(events.heard).toBe(true)
    stop()
    expect(events.heard).toBe(false)
  })

  it.each([
    [
      'at once',
      (): never => {
        throw mistake
      },
    ],
    ['later', async () => Promise.reject(mistake)],
  ])(
    'are heard by the others although one listener fails %s, and they are told once',
    async (_when, failing) => {
      const events = new Events()
      const heard: PlimsollEvent[] = []
      events.listen(failing as Listener)
      events.listen((event) => heard.push(event))
      events.listen((event) => {
        if (event.type === 'listener.failed') throw mistake
      })
      expect(() => events.emit(EVENT)).not.toThrow()
      await new Promise((done) => setImmediate(done))
      expect(heard.filter(({ type }) => type === 'target.unlisted')).toHaveLength(1)
      expect(heard.filter(({ type }) => type === 'listener.failed')).toEqual([
        { type: 'listener.failed', at: 5, error: mistake },
      ])
    },
  )
})
