import { describe, expect, it } from 'vitest'
import type { PlimsollConfig } from '@plimsoll/core'
import { after, hedges, warmedUp } from '../support/hedging.ts'
import { httpError, MINUTE, opened, outcomeOf, setUp, streamHost, used } from '../support/set-up.ts'

const [A, B] = ['openai/a', 'anthropic/b'] as const
const CALL = { task: 'answer', inputTokens: 10, maxOutputTokens: 10 } as const
const tasks = { answer: { targets: [A, B] } } as const
const PRICE = { input: 1, output: 1 } as const

type Answers = Partial<Record<string, (signal: AbortSignal) => Promise<unknown>>>

function asking(config: PlimsollConfig = { tasks }, answers: Answers = {}) {
  const host = setUp(config)
  const asked: string[] = []
  const ask = (own: object = {}) =>
    outcomeOf(
      host.plimsoll.call({ ...CALL, ...own }, async ({ target, signal }) => {
        asked.push(target)
        return answers[target]?.(signal) ?? `by ${target}`
      }),
    )
  return { ...host, ask, asked, answers }
}

const fails = (status: number) => () => Promise.reject(httpError(status))
const hangs = () => new Promise<never>(() => {})

describe('choosing and retry', () => {
  it('each target has its own tries, and its own budget of repeats', async () => {
    const { ask, asked, clock } = asking({ tasks }, { [A]: fails(503), [B]: fails(500) })
    const outcome = ask()
    await clock.advance(MINUTE)
    expect(await outcome).toBe('no-target')
    expect(asked).toEqual([A, A, A, B, B, B])
  })

  it('the budget of one that fails for everyone is no matter of the other', async () => {
    const config = { tasks, breaker: { failures: 1_000 } }
    const { ask, asked, clock } = asking(config, { [A]: fails(503), [B]: fails(503) })
    const outcomes = Array.from({ length: 20 }, () => ask())
    await clock.advance(MINUTE)
    await Promise.all(outcomes)
    const repeats = (target: string) => asked.filter((one) => one === target).length - 20
    // A floor of five at first, and then one a second, for as long as they come back.
    for (const target of [A, B]) {
      expect(repeats(target)).toBeGreaterThanOrEqual(5)
      expect(repeats(target)).toBeLessThanOrEqual(12)
    }
  })

  it('`maxAttempts` bounds them all together', async () => {
    const config = { tasks: { answer: { targets: [A, B], retry: { maxAttempts: 2 } } } }
    const { ask, asked, clock } = asking(config, { [A]: fails(401), [B]: fails(503) })
    const outcome = ask()
    await clock.advance(MINUTE)
    await outcome
    expect(asked).toEqual([A, B])
  })

  it('a wait before a repeat that the deadline does not allow for is no reason to give up: another is asked', async () => {
    const { ask, asked, clock } = asking(
      { tasks },
      { [A]: () => Promise.reject(httpError(503, { 'retry-after': '30' })) },
    )
    const outcome = ask({ deadlineMs: 10_000 })
    await clock.advance(0)
    expect([await outcome, asked]).toEqual([`by ${B}`, [A, B]])
  })
})

describe('choosing and hedges', () => {
  it('a target that is slow is asked twice, and no other for it', async () => {
    const at = await warmedUp({ tasks }, { target: A, task: 'answer' })
    const asked: string[] = []
    const answer = at.plimsoll.call(CALL, ({ target, attempt }) => {
      asked.push(target)
      return after(at, attempt === 1 ? MINUTE : 10, target)
    })
    await at.clock.advance(2_000)
    expect([await answer, asked, hedges(at)]).toEqual([A, [A, A], 1])
  })

  it('where both requests fail the next one is asked, once', async () => {
    const at = await warmedUp({ tasks, retry: { budget: 0 } }, { target: A, task: 'answer' })
    const asked: string[] = []
    const answer = at.plimsoll.call(CALL, async ({ target }) => {
      asked.push(target)
      if (target === B) return 'answered'
      await after(at, 1_000, undefined)
      throw httpError(503)
    })
    await at.clock.advance(5_000)
    expect([await answer, asked]).toEqual(['answered', [A, A, B]])
  })

  it('a hedge uses up what the whole call may try', async () => {
    const at = await warmedUp({ tasks, retry: { maxAttempts: 2 } }, { target: A, task: 'answer' })
    const asked: string[] = []
    const answer = outcomeOf(
      at.plimsoll.call(CALL, async ({ target }) => {
        asked.push(target)
        await after(at, 1_000, undefined)
        throw httpError(503)
      }),
    )
    await at.clock.advance(MINUTE)
    await answer
    expect(asked).toEqual([A, A])
  })
})

describe('choosing and the breaker', () => {
  const config = { tasks, retry: { budget: 0 }, breaker: { failures: 2, openMs: 10_000 } } as const

  it('one that is open is passed over at once, and asked again when it may be', async () => {
    const { ask, asked, answers, clock } = asking(config, { [A]: fails(503) })
    for (let nth = 0; nth < 4; nth++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await ask()).toBe(`by ${B}`)
    }
    expect(asked).toEqual([A, B, A, B, B, B])
    answers[A] = async () => 'back'
    await clock.advance(12_000)
    expect(await ask()).toBe('back')
  })

  it('who waits for one that is closed off meanwhile goes on to the next', async () => {
    const limited = { ...config, targets: { [A]: { limits: { concurrency: 1 } } }, breaker: { failures: 1 } }
    let fail = (): void => {}
    const { ask, asked, clock } = asking(limited, {
      [A]: () => new Promise((_, reject) => (fail = () => reject(httpError(401)))),
    })
    const calls = [ask(), ask({ mode: 'background' })]
    await clock.advance(0)
    fail()
    expect(await Promise.all(calls)).toEqual([`by ${B}`, `by ${B}`])
    expect(asked.filter((target) => target === A)).toHaveLength(1)
  })

  it('where all are closed off the call is refused at once, with the least time until one is not', async () => {
    const { ask, asked, clock, plimsoll } = asking(config, { [A]: fails(503), [B]: fails(503) })
    await ask()
    await clock.advance(5_000)
    await ask()
    asked.length = 0
    await expect(plimsoll.call(CALL, async () => 'never asked')).rejects.toMatchObject({
      code: 'no-target',
      attempts: 0,
      retryAfterMs: expect.any(Number),
      message: expect.stringContaining(`${A}: circuit-open; ${B}: circuit-open`),
    })
    expect(asked).toEqual([])
  })

  it('a task of one target says itself that it is closed off, and for how long', async () => {
    const { ask, plimsoll } = asking({ ...config, tasks: { answer: { targets: [A] } } }, { [A]: fails(503) })
    await ask()
    await ask()
    await expect(plimsoll.call(CALL, async () => 'never asked')).rejects.toMatchObject({
      code: 'circuit-open',
      retryAfterMs: expect.closeTo(11_000, -4),
    })
  })
})

describe('choosing and timeouts', () => {
  it('an attempt that takes too long is no end of the call: another target answers', async () => {
    const timed = { tasks: { answer: { targets: [A, B], timeouts: { attemptMs: 1_000 } } } }
    const { ask, asked, clock, records } = asking({ ...timed, retry: { budget: 0 } }, { [A]: hangs })
    const outcome = ask()
    await clock.advance(1_000)
    expect([await outcome, asked]).toEqual([`by ${B}`, [A, B]])
    expect(records()).toMatchObject([{ fallback: true, failures: { timeout: 1 }, estimated: true }])
  })

  it('the time of the whole call is the end of it', async () => {
    const timed = { tasks: { answer: { targets: [A, B], timeouts: { callMs: 1_000 } } } }
    const { ask, asked, clock } = asking(timed, { [A]: hangs })
    const outcome = ask()
    await clock.advance(1_000)
    await outcome
    expect([asked, clock.now()]).toEqual([[A], 1_000])
  })

  it('a stream without content is replaced, and one that is slow after it is not', async () => {
    const timed = { answer: { targets: [A, B], timeouts: { firstContentMs: 500, betweenChunksMs: 500 } } }
    const { clock, plimsoll } = setUp({ tasks: timed, retry: { budget: 0 } })
    const asked: string[] = []
    const host = streamHost(async function* () {
      if (asked.at(-1) === B) yield { content: true }
      await hangs()
    })
    const open = host.open.bind(host)
    const watched = {
      ...host,
      open: async (...args: Parameters<typeof open>) => (asked.push(args[2].target), open(...args)),
    }
    const opening = opened(plimsoll.execute({ host: watched, request: {}, attributes: { task: 'answer' } }))
    await clock.advance(500)
    const { value, target } = await opening
    expect([target, asked]).toEqual([B, [A, B]])
    await value.next()
    const next = value.next().catch((error: unknown) => error)
    await clock.advance(500)
    expect(await next).toMatchObject({ name: 'TimeoutError' })
    expect(asked).toEqual([A, B])
  })

  it('an answer that is late is nobody’s, and is paid for', async () => {
    const timed = {
      tasks: { answer: { targets: [A, B], timeouts: { attemptMs: 100 } } },
      retry: { budget: 0 },
    }
    const { clock, plimsoll, records } = setUp({ ...timed, prices: { [A]: PRICE, [B]: PRICE } })
    const answer = plimsoll.call(CALL, ({ target }) =>
      target === A ? after({ clock }, 5_000, used(10, 10)) : Promise.resolve(used(10, 10)),
    )
    await clock.advance(10_000)
    await answer
    const [record] = records()
    expect(record!.wastedUsd).toBeCloseTo(record!.costUsd! / 2, 12)
  })
})
