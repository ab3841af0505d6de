import { errorFacts } from '@plimsoll/core'
import type { Host, Usage } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { DAY, httpError, MINUTE, outcomeOf, PATIENT, setUp } from '../support/set-up.ts'

const SECOND = 1_000
const HOUR = 3_600_000

type Headers = Readonly<Record<string, string>>

/** Answers whole, with these headers and this usage. */
function answering(headers: () => Headers, usage: Usage): Host<string> {
  return {
    kind: 'generate',
    segments: () => [],
    withSegments: (request) => request,
    withMark: (request) => request,
    key: (request) => request,
    open: async () => ({ value: 'answer', headers: headers() }),
    parts: () => ({ kind: 'whole', info: { content: true, usage } }),
    encode: (value) => value,
    decode: String,
    message: (text) => text,
    copy: (value) => value,
    errorFacts,
  }
}

describe('limits that are learnt', () => {
  /** Groq as it counts: what was taken of the day and of the minute comes back continuously. */
  function groq({ perDay, perMinute }: { perDay: number; perMinute: number }) {
    const { clock, plimsoll } = setUp(PATIENT)
    const usage = { inputTokens: 90, outputTokens: 10 }
    const sent: number[] = []
    const bucket = (limit: number, perMs: number) => {
      let left = limit
      let at = 0
      return (taken: number) => {
        left = Math.min(limit, left + ((clock.now() - at) * limit) / perMs) - taken
        at = clock.now()
        return String(Math.max(0, Math.floor(left)))
      }
    }
    const [requests, tokens] = [bucket(perDay, DAY), bucket(perMinute, MINUTE)]
    const headers = (): Headers => {
      sent.push(clock.now())
      return {
        'x-ratelimit-limit-requests': String(perDay),
        'x-ratelimit-remaining-requests': requests(1),
        'x-ratelimit-limit-tokens': String(perMinute),
        'x-ratelimit-remaining-tokens': tokens(100),
      }
    }
    const ask = () =>
      plimsoll.execute({
        host: answering(headers, usage),
        request: 'x'.repeat(270),
        target: 'groq/model',
        attributes: { priority: 'high' },
        maxOutputTokens: 10,
      })
    const limits = async () =>
      (await plimsoll.headroom('groq/model')).limits.map(({ key, capacity }) => [
        key.replace('limit:groq/model:', ''),
        capacity,
      ])
    return { clock, ask, sent, limits }
  }

  it('from Groq’s headers are requests of a day, and tokens of a minute', async () => {
    const { ask, limits } = groq({ perDay: 14_400, perMinute: 6_000 })
    expect(await limits()).toEqual([
      [`requests:${DAY}`, Infinity],
      [`tokens:${MINUTE}`, Infinity],
      ['slots', 8],
    ])
    await ask()
    expect(await limits()).toEqual([
      [`requests:${DAY}`, 14_400],
      [`tokens:${MINUTE}`, 6_000],
      ['slots', 10_000],
    ])
  })

  it('let a call through as the day has it where those of the day are used up, whatever is left of the minute', async () => {
    const { clock, ask, sent } = groq({ perDay: 6, perMinute: 60_000 })
    for (let call = 0; call < 6; call++) await ask()
    const late = [ask(), ask()]
    await clock.advance(3.9 * HOUR)
    expect(sent).toHaveLength(6)
    await clock.advance(0.2 * HOUR)
    expect(sent).toHaveLength(7)
    await clock.advance(4 * HOUR)
    await Promise.all(late)
    expect(sent).toHaveLength(8)
  })

  it('let one through as the minute has it where only those of the minute are', async () => {
    const { clock, ask, sent } = groq({ perDay: 1_000, perMinute: 500 })
    for (let call = 0; call < 5; call++) await ask()
    const late = ask()
    await clock.advance(MINUTE / 10)
    expect(sent).toHaveLength(5)
    await clock.advance(MINUTE / 5)
    await late
    expect(sent).toHaveLength(6)
  })

  it('of tokens by the second let a call through that is more than a second’s worth, at the same rate', async () => {
    const { clock, plimsoll } = setUp(PATIENT)
    const host = answering(() => ({ 'x-tokenlimit-limit': '1000' }), { inputTokens: 40_000, outputTokens: 0 })
    const sent: number[] = []
    const ask = async () => {
      await plimsoll.execute({
        host,
        request: '',
        target: 'togetherai/model',
        attributes: { priority: 'high' },
        maxOutputTokens: 40_000,
      })
      sent.push(clock.now())
    }
    await ask()
    const second = ask()
    await clock.advance(50 * SECOND)
    expect(sent).toHaveLength(1)
    await clock.advance(20 * SECOND)
    await second
    expect(sent).toHaveLength(2)
  })

  it('follow a provider that moves them up and down', async () => {
    const { plimsoll } = setUp()
    let perSecond = 10
    const host = answering(() => ({ 'x-ratelimit-limit': String(perSecond) }), { inputTokens: 1 })
    const learnt = async () => {
      await plimsoll.execute({ host, request: '', target: 'togetherai/model' })
      const { limits } = await plimsoll.headroom('togetherai/model')
      return limits.find(({ unit }) => unit === 'requests')!.capacity
    }
    const seen = [await learnt()]
    perSecond = 4
    seen.push(await learnt())
    perSecond = 20
    seen.push(await learnt())
    expect(seen).toEqual([10, 4, 20])
  })
})

describe('DeepSeek, which counts calls at once', () => {
  it('is asked eight at a time until it has answered, and has no limit but slots', async () => {
    const { clock, plimsoll } = setUp(PATIENT)
    let open = 0
    let most = 0
    const ask = () =>
      plimsoll.call({ target: 'deepseek/chat', inputTokens: 1e9, maxOutputTokens: 1e9 }, async () => {
        most = Math.max(most, ++open)
        await new Promise<void>((done) => clock.timer(SECOND, done))
        open--
      })
    const calls = Promise.all(Array.from({ length: 20 }, ask))
    await clock.advance(SECOND / 2)
    expect([open, plimsoll.state().waiting]).toEqual([8, 12])
    await clock.advance(MINUTE)
    await calls
    // Each answer showed that it bears one more.
    expect(most).toBeGreaterThan(8)
    const { limits } = await plimsoll.headroom('deepseek/chat')
    expect(limits.map(({ unit }) => unit)).toEqual(['slots'])
  })

  it('is asked fewer at a time once it has turned a call back', async () => {
    const { clock, plimsoll } = setUp(PATIENT)
    let refuse = true
    const call = plimsoll.call({ target: 'deepseek/chat' }, async () => {
      if (refuse) {
        refuse = false
        throw httpError(429)
      }
    })
    await clock.advance(MINUTE)
    await call
    const { limits } = await plimsoll.headroom('deepseek/chat')
    expect(limits[0]!.capacity).toBe(7)
  })
})

describe('Bedrock, which burns output down', () => {
  const target = 'bedrock/anthropic.claude-sonnet-4-5'

  it('is held to input and `max_tokens`, and owes five times what it generated', async () => {
    const { plimsoll, left } = setUp({ ...PATIENT, targets: { [target]: { limits: { tpm: 10_000 } } } })
    const ticket = plimsoll.reserve({ target, inputTokens: 1_000, maxOutputTokens: 500 })
    expect(await left(target, 'tokens')).toBe(8_500)
    ticket.reservation!.settle({ inputTokens: 1_000, outputTokens: 400 }, 'exact')
    expect(await left(target, 'tokens')).toBe(7_000)
  })

  it('is in debt after one long answer, and the next call waits for it', async () => {
    const { clock, plimsoll, left } = setUp({
      ...PATIENT,
      targets: { [target]: { limits: { tpm: 10_000 } } },
    })
    const call = { target, inputTokens: 100, maxOutputTokens: 3_000 }
    const first = plimsoll.reserve(call)
    first.reservation!.settle({ inputTokens: 100, outputTokens: 3_000 }, 'exact')
    expect(await left(target, 'tokens')).toBe(-5_100)
    const next = plimsoll.reserve(call)
    expect(next.state).toBe('queued')
    await clock.advance(1.02 * MINUTE)
    expect(next.state).toBe('granted')
  })

  it('takes all of a bucket where `max_tokens` is not set: the model’s own maximum is more', async () => {
    const { plimsoll, left } = setUp({ targets: { [target]: { limits: { tpm: 10_000 } } } })
    const ticket = plimsoll.reserve({ target, inputTokens: 100 })
    expect([ticket.state, await left(target, 'tokens')]).toEqual(['granted', 0])
    ticket.reservation!.settle({ inputTokens: 100, outputTokens: 20 }, 'exact')
    expect(await left(target, 'tokens')).toBe(9_800)
  })
})

describe('Gemini', () => {
  /** Time begins at midnight in UTC, and a day on the Pacific at eight. */
  const MIDNIGHT = 8 * HOUR
  const exhausted = (quotaId: string) =>
    Object.assign(httpError(429), {
      error: {
        error: {
          code: 429,
          status: 'RESOURCE_EXHAUSTED',
          details: [{ violations: [{ quotaId }] }, { retryDelay: '34s' }],
        },
      },
    })
  const asked = (config: object, quotaId: string) => {
    const { clock, plimsoll } = setUp(config)
    const sent: number[] = []
    const call = plimsoll.call({ target: 'google/gemini' }, async () => {
      sent.push(clock.now())
      if (sent.length === 1) throw exhausted(quotaId)
      return 'answer'
    })
    return { clock, plimsoll, sent, outcome: outcomeOf(call) }
  }

  it('whose quota of a day is used up is told so at once, with the time until midnight there', async () => {
    const { clock, plimsoll, outcome } = asked({}, 'GenerateRequestsPerDayPerProjectPerModel-FreeTier')
    await clock.advance(SECOND)
    expect(await outcome).toBe('rate-limited')
    const error = await plimsoll.call({ target: 'google/gemini' }, async () => {}).catch((thrown) => thrown)
    expect(error.retryAfterMs).toBeGreaterThan(MIDNIGHT - MINUTE)
    expect(error.retryAfterMs).toBeLessThan(MIDNIGHT * 1.06)
  })

  it('is asked again after midnight by those who wait as long', async () => {
    const { clock, sent, outcome } = asked(PATIENT, 'GenerateRequestsPerDayPerProjectPerModel-FreeTier')
    await clock.advance(1.1 * MIDNIGHT)
    expect(await outcome).toBe('answer')
    expect(sent[1]).toBeGreaterThanOrEqual(MIDNIGHT)
  })

  it('is asked again as soon as it says, where only the minute’s is', async () => {
    const { clock, sent, outcome } = asked(PATIENT, 'GenerateRequestsPerMinutePerProjectPerModel')
    await clock.advance(MINUTE)
    expect(await outcome).toBe('answer')
    expect(sent[1]).toBeGreaterThanOrEqual(34 * SECOND)
  })

  it('counts requests of a day until midnight there, and tokens without output', async () => {
    const limits = { rpd: 2, tpm: 1_000 }
    const { clock, plimsoll, left } = setUp({ ...PATIENT, targets: { 'google/gemini': { limits } } })
    const call = {
      target: 'google/gemini',
      inputTokens: 400,
      maxOutputTokens: 5_000,
      priority: 'high',
    } as const
    for (let asks = 0; asks < 2; asks++)
      plimsoll.reserve(call).reservation!.settle({ inputTokens: 400, outputTokens: 5_000 }, 'exact')
    expect(await left('google/gemini', 'tokens')).toBe(200)
    const third = plimsoll.reserve(call)
    await clock.advance(MIDNIGHT - MINUTE)
    expect(third.state).toBe('queued')
    await clock.advance(2 * MINUTE)
    expect(third.state).toBe('granted')
  })
})

it('Azure’s requests go out no faster than its slices let them', async () => {
  const { clock, plimsoll } = setUp({ ...PATIENT, targets: { 'azure/gpt': { limits: { rpm: 60 } } } })
  const tickets = Array.from({ length: 25 }, () =>
    plimsoll.reserve({ target: 'azure/gpt', inputTokens: 1, priority: 'high' }),
  )
  const granted = () => {
    for (const { reservation } of tickets) reservation?.settle({ inputTokens: 1 }, 'exact')
    return tickets.filter(({ state }) => state === 'granted').length
  }
  const seen = [granted()]
  for (let slice = 0; slice < 2; slice++) {
    await clock.advance(9 * SECOND)
    seen.push(granted())
    await clock.advance(2 * SECOND)
    seen.push(granted())
  }
  expect(seen).toEqual([10, 10, 20, 20, 25])
})
