import { describe, expect, it } from 'vitest'
import { httpError, outcomeOf, setUp } from '../support/set-up.ts'

const MODEL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }
const OTHER = { ...MODEL, target: 'openai/other' }
const FOREIGN = { ...MODEL, target: 'anthropic/model' }
const ONCE = { retry: { maxAttempts: 1 } } as const

function failing(at: ReturnType<typeof setUp>, status: number, headers = {}) {
  return outcomeOf(at.plimsoll.call(MODEL, () => Promise.reject(httpError(status, headers))))
}

describe('case 23: a breaker', () => {
  it('opens when its target fails, and for no other', async () => {
    const at = setUp(ONCE)
    for (let call = 0; call < 10; call++) await failing(at, 500)
    expect(await failing(at, 500)).toBe('circuit-open')
    expect([at.plimsoll.reserve(OTHER).state, at.plimsoll.reserve(FOREIGN).state]).toEqual([
      'granted',
      'granted',
    ])
  })

  it.each([400, 413, 422, 429])(
    'never opens for a request that is at fault, or a rate limit: %i',
    async (status) => {
      const at = setUp({ ...ONCE, queue: { maxWaitMs: 1 } })
      for (let call = 0; call < 50; call++) await failing(at, status)
      expect(at.events.some(({ type }) => type === 'breaker.opened')).toBe(false)
    },
  )

  it('never opens for mistakes in code, refusals of ours, and callers that leave', async () => {
    const at = setUp({ targets: { 'openai/model': { limits: { tpm: 10, concurrency: 1 } } } })
    for (let call = 0; call < 50; call++) {
      await outcomeOf(at.plimsoll.call(MODEL, () => Promise.reject(new TypeError('mistake'))))
      await outcomeOf(at.plimsoll.call({ ...MODEL, inputTokens: 100 }, async () => 1))
      const signal = AbortSignal.abort()
      await outcomeOf(at.plimsoll.call({ ...MODEL, signal }, async () => 1))
    }
    expect(at.events.some(({ type }) => type === 'breaker.opened')).toBe(false)
  })

  it('keeps the longer of two deadlines', async () => {
    const at = setUp({ ...ONCE, breaker: { failures: 1, openMs: 1_000 } })
    // Two that are under way together, of which the one that fails last asks for longer, or for less.
    const waits = ['60', '5'].map((seconds, index) =>
      outcomeOf(
        at.plimsoll.call(MODEL, async () => {
          await new Promise<void>((done) => at.clock.timer(100 * (index + 1), done))
          throw httpError(503, { 'retry-after': seconds })
        }),
      ),
    )
    await at.clock.advance(1_000)
    await Promise.all(waits)
    await at.clock.advance(50_000)
    expect(at.plimsoll.reserve(MODEL).error).toMatchObject({ code: 'circuit-open' })
    await at.clock.advance(10_000)
    expect(at.plimsoll.reserve(MODEL).state).toBe('granted')
  })

  it('opens for the credential when a key is refused, and for whoever has another', async () => {
    const at = setUp({ targets: { 'openai/mine': { credential: 'mine' } } })
    await failing(at, 401)
    expect(at.plimsoll.reserve(OTHER).error).toMatchObject({ code: 'circuit-open' })
    expect(at.plimsoll.reserve(FOREIGN).state).toBe('granted')
    expect(at.plimsoll.reserve({ ...MODEL, target: 'openai/mine' }).state).toBe('granted')
  })

  it('opens for the target alone when it is not there, or not allowed', async () => {
    for (const status of [404, 403]) {
      const at = setUp()
      await failing(at, status)
      expect(at.plimsoll.reserve(MODEL).error).toMatchObject({ code: 'circuit-open' })
      expect(at.plimsoll.reserve(OTHER).state).toBe('granted')
    }
  })

  it('opens for the credential whose quota is used up, until it comes back', async () => {
    const at = setUp()
    const spent = Object.assign(httpError(429, { 'retry-after': '600' }), {
      error: { code: 'insufficient_quota' },
    })
    await outcomeOf(at.plimsoll.call(MODEL, () => Promise.reject(spent)))
    await at.clock.advance(599_000)
    expect(at.plimsoll.reserve(OTHER).error).toMatchObject({ code: 'circuit-open' })
    await at.clock.advance(1_000)
    expect(at.plimsoll.reserve(OTHER).state).toBe('granted')
  })
})
