import { describe, expect, it } from 'vitest'
import type { PlimsollConfig } from '@plimsoll/core'
import { after, hedges, warmedUp } from '../support/hedging.ts'
import { httpError, MINUTE, opened, outcomeOf, setUp, streamHost } from '../support/set-up.ts'

const [A, B] = ['openai/a', 'anthropic/b'] as const
const CALL = { task: 'answer', inputTokens: 10, maxOutputTokens: 10 } as const
const SAID = 'Not now.'
const tasks = { answer: { targets: [A], degrade: [{ message: SAID }] } } as const

function asking(config: PlimsollConfig) {
  const host = setUp(config)
  const asked: string[] = []
  const ask = (fn: (target: string) => Promise<unknown>, own: object = {}) =>
    outcomeOf(host.plimsoll.call({ ...CALL, ...own }, async ({ target }) => (asked.push(target), fn(target))))
  return { ...host, ask, asked }
}

const fails = () => Promise.reject(httpError(503))
const hangs = () => new Promise<never>(() => {})

describe('degradation and retry', () => {
  it('a rung is for what repeats did not mend', async () => {
    const { ask, asked, clock, records } = asking({ tasks })
    const outcome = ask(fails)
    await clock.advance(0)
    expect(asked).toHaveLength(1)
    await clock.advance(MINUTE)
    expect([await outcome, asked]).toEqual([SAID, [A, A, A]])
    expect(records()).toMatchObject([{ outcome: 'finished', degraded: 'message', retries: 2 }])
  })

  it('who is denied a repeat gets it at once', async () => {
    const { ask, asked, clock } = asking({ tasks, breaker: { failures: 1_000 } })
    const outcomes = Array.from({ length: 20 }, () => ask(fails))
    await clock.advance(0)
    // Five repeats are there at first: the others do not sleep.
    const early = await Promise.all(outcomes.map((one) => Promise.race([one, Promise.resolve('sleeps')])))
    expect(early.filter((one) => one === SAID)).toHaveLength(15)
    await clock.advance(MINUTE)
    expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => SAID))
    expect(asked.length).toBeLessThanOrEqual(20 + 5 + 10)
  })
})

describe('degradation and hedges', () => {
  it('a rung is for when neither request was answered', async () => {
    const at = await warmedUp({ tasks, retry: { budget: 0 } }, { target: A, task: 'answer' })
    const answer = at.plimsoll.call(CALL, async (): Promise<string> => {
      await after(at, 1_000, undefined)
      throw httpError(503)
    })
    await at.clock.advance(3_000)
    expect([await answer, hedges(at)]).toEqual([SAID, 1])
    expect(at.records()).toMatchObject([{ degraded: 'message', attempts: 2, failures: { overloaded: 2 } }])
  })
})

describe('degradation and the queue', () => {
  it('whoever finds it full is answered at once, and those inside keep their places', async () => {
    const { ask, clock, plimsoll } = asking({
      tasks,
      targets: { [A]: { limits: { concurrency: 1 } } },
      queue: { maxWaiting: 2 },
    })
    const holder = plimsoll.reserve({ target: A, inputTokens: 1, maxOutputTokens: 1 })
    const outcomes = [1, 2, 3, 4].map((nth) => ask(async () => nth))
    await clock.advance(0)
    holder.reservation!.cancel()
    await clock.advance(0)
    expect(await Promise.all(outcomes)).toEqual([1, 2, SAID, SAID])
  })

  it('who looks on is told within two seconds; a batch waits', async () => {
    const { ask, clock, plimsoll } = asking({ tasks, targets: { [A]: { limits: { concurrency: 1 } } } })
    const holder = plimsoll.reserve({ target: A, inputTokens: 1, maxOutputTokens: 1 })
    const toldAt = ask(async () => 'answered', { mode: 'interactive' }).then((said) => [said, clock.now()])
    const batch = ask(async () => 'answered', { mode: 'background' })
    await clock.advance(10_000)
    expect(await toldAt).toEqual([SAID, expect.any(Number)])
    expect(((await toldAt) as [string, number])[1]).toBeLessThanOrEqual(2_000)
    holder.reservation!.cancel()
    expect(await batch).toBe('answered')
  })
})

describe('degradation and the breaker', () => {
  it('while it is open a lesser model answers at once, and its own breaker is its own', async () => {
    const { ask, asked, clock, records } = asking({
      tasks: { answer: { targets: [A], degrade: [{ target: B }, { message: SAID }] } },
      retry: { budget: 0 },
      breaker: { failures: 1, openMs: MINUTE },
    })
    const answers = (target: string) => (target === A ? fails() : Promise.resolve('lesser'))
    expect([await ask(answers), await ask(answers)]).toEqual(['lesser', 'lesser'])
    expect([await ask(fails), await ask(fails)]).toEqual([SAID, SAID])
    expect(asked).toEqual([A, B, B, B])
    expect(records().map(({ degraded }) => degraded)).toEqual([
      'lesser-model',
      'lesser-model',
      'message',
      'message',
    ])
    await clock.advance(MINUTE * 1.3)
    expect(await ask(async (target) => target)).toBe(A)
  })
})

describe('degradation and timeouts', () => {
  it('an attempt that takes too long is no reason to wait longer: the rung answers, and what was sent is paid for', async () => {
    const { ask, clock, records } = asking({
      tasks: { answer: { ...tasks.answer, timeouts: { attemptMs: 1_000 }, retry: { maxAttempts: 1 } } },
      prices: { [A]: { input: 1, output: 1 } },
    })
    const outcome = ask(hangs)
    await clock.advance(1_000)
    expect(await outcome).toBe(SAID)
    expect(records()).toMatchObject([{ degraded: 'message', failures: { timeout: 1 }, wastedUsd: 20e-6 }])
  })

  it('when the time of the call is over no other model is asked, and a message is still given', async () => {
    const { ask, asked, clock } = asking({
      tasks: {
        answer: { targets: [A], degrade: [{ target: B }, { message: SAID }], timeouts: { callMs: 1_000 } },
      },
    })
    const outcome = ask(hangs)
    await clock.advance(1_000)
    expect([await outcome, asked]).toEqual([SAID, [A]])
  })

  it('a stream that falls silent ends with what it had, where the task says so', async () => {
    const { clock, plimsoll, records } = setUp({
      tasks: { answer: { targets: [A], degrade: ['partial'], timeouts: { betweenChunksMs: 500 } } },
    })
    const host = streamHost(async function* () {
      yield { content: true, bytes: 3 }
      yield { content: true, bytes: 4 }
      await hangs()
    })
    const { value, end } = await opened(
      plimsoll.execute({ host, request: {}, attributes: { task: 'answer' } }),
    )
    const read = [await value.next(), await value.next()]
    const last = value.next()
    await clock.advance(500)
    expect([...read, await last].map(({ done }) => done)).toEqual([false, false, true])
    expect(await end).toMatchObject({ how: 'failed', degraded: 'partial' })
    expect(records()).toMatchObject([{ degraded: 'partial', failures: { timeout: 1 } }])
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })
})

describe('timeouts, hedges and the breaker', () => {
  it('attempts that take too long open it', async () => {
    const { ask, asked, clock } = asking({
      timeouts: { attemptMs: 100 },
      retry: { maxAttempts: 1 },
      breaker: { failures: 3, openMs: MINUTE },
    })
    for (let nth = 0; nth < 4; nth++) {
      const outcome = ask(hangs, { target: A })
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(100)
      // oxlint-disable-next-line no-await-in-loop -- it is over
      await outcome
    }
    expect(asked).toHaveLength(3)
    expect(await ask(async () => 1, { target: A })).toBe('circuit-open')
  })

  it('each request of a hedged call has a time of its own', async () => {
    const at = await warmedUp({ timeouts: { attemptMs: 1_000 }, retry: { maxAttempts: 2 } })
    const answer = at.plimsoll.call(
      { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 },
      ({ attempt }) => after(at, attempt === 1 ? MINUTE : 900, `attempt ${attempt}`),
    )
    // The second begins when the first is slow, and may take as long as any.
    await at.clock.advance(1_900)
    expect([await answer, hedges(at)]).toEqual(['attempt 2', 1])
    expect(at.records()).toMatchObject([{ attempts: 2, failures: { timeout: 1 } }])
  })
})
