import { describe, expect, it } from 'vitest'
import type { PlimsollConfig, Workflow } from '@plimsoll/core'
import { deferQueue } from '@plimsoll/core'
import { after, hedges, warmedUp } from '../support/hedging.ts'
import { httpError, MINUTE, outcomeOf, setUp, used } from '../support/set-up.ts'

const [A, B] = ['openai/a', 'anthropic/b'] as const
const CALL = { target: A, inputTokens: 10, maxOutputTokens: 10 } as const

function running(config: PlimsollConfig = {}) {
  const host = setUp(config)
  const run = async <R>(fn: (workflow: Workflow) => Promise<R>, own: object = {}) => {
    const outcome = outcomeOf(host.plimsoll.workflow('support', { tenant: 'acme', ...own }, fn))
    await host.clock.advance(MINUTE)
    return outcome
  }
  const runs = () => host.events.filter((event) => event.type === 'run.finished')
  return { ...host, run, runs }
}

const hangs = () => new Promise<never>(() => {})
const fails = (status: number) => () => Promise.reject(httpError(status))

describe('workflows and retry', () => {
  it('no repeat is begun that its step has no time for, and the step fails with what failed', async () => {
    const { run, plimsoll, clock, runs } = running()
    let sent = 0
    const outcome = await run(({ step }) =>
      step('model', { timeoutMs: 5_000 }, () =>
        plimsoll
          .call(CALL, () => (sent++, fails(503)()))
          .catch((error: Error) => [error.message, clock.now()]),
      ),
    )
    expect(outcome).toEqual(['status 503', expect.any(Number)])
    expect((outcome as [string, number])[1]).toBeLessThan(5_000)
    expect(sent).toBe(3)
    const late = await run(({ step }) =>
      step('model', { timeoutMs: 5_000 }, () =>
        plimsoll.call(CALL, () => Promise.reject(httpError(503, { 'retry-after': '6' }))),
      ),
    )
    expect(late).toBe('status 503')
    expect(runs().map(({ retries }) => retries)).toEqual([2, 0])
  })
})

describe('workflows and hedges', () => {
  it('both requests end with their step, and the run has paid for both', async () => {
    const at = await warmedUp({ workflows: { support: { steps: { model: { timeoutMs: 2_000 } } } } })
    const signals: AbortSignal[] = []
    const run = outcomeOf(
      at.plimsoll.workflow('support', {}, ({ step }) =>
        step('model', () =>
          at.plimsoll.call({ ...CALL, target: 'openai/model' }, ({ signal }) => {
            signals.push(signal)
            return after(at, MINUTE, used(1, 1))
          }),
        ),
      ),
    )
    await at.clock.advance(2_000)
    expect(await run).toBe('step-timeout')
    await at.clock.advance(1)
    expect([hedges(at), signals.map(({ aborted }) => aborted)]).toEqual([1, [true, true]])
    expect(at.events.filter((event) => event.type === 'run.finished')).toMatchObject([
      { attempts: 2, usage: { inputTokens: 20, outputTokens: 20 }, estimated: true },
    ])
    expect(at.plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })
})

describe('workflows and the breaker', () => {
  it('an optional step whose target is closed off is given up at once, not when its time is over', async () => {
    const { run, plimsoll, clock, events } = running({ breaker: { failures: 1, openMs: MINUTE * 10 } })
    await outcomeOf(plimsoll.call(CALL, fails(400)))
    const failed = outcomeOf(plimsoll.call(CALL, fails(503)))
    await clock.advance(0)
    await failed
    let tookMs: number | undefined
    const outcome = await run(async ({ step }) => {
      const since = clock.now()
      const best = await step('rerank', { optional: true, timeoutMs: 700 }, () =>
        plimsoll.call(CALL, async () => 'never asked'),
      )
      tookMs = clock.now() - since
      return best ?? 'as it was found'
    })
    expect([outcome, tookMs]).toEqual(['as it was found', 0])
    expect(events).toContainEqual(expect.objectContaining({ type: 'step.degraded', reason: 'failed' }))
  })
})

describe('workflows and timeouts', () => {
  const steps = { model: { timeoutMs: 8_000, task: 'answer' } } as const
  const tasks = { answer: { targets: [A, B], timeouts: { attemptMs: 3_000 }, retry: { budget: 0 } } } as const

  it('an attempt that takes too long leaves its step the time for another target', async () => {
    const { run, plimsoll } = running({ workflows: { support: { steps } }, tasks })
    const { target: _, ...call } = CALL
    const outcome = await run(({ step }) =>
      step('model', () =>
        plimsoll.call(call, ({ target }) => (target === A ? hangs() : Promise.resolve(target))),
      ),
    )
    expect(outcome).toBe(B)
  })

  it('the step is named that had no time for it, and nobody else is asked', async () => {
    const short = { support: { steps: { model: { ...steps.model, timeoutMs: 2_000 } } } }
    const { run, plimsoll } = running({ workflows: short, tasks })
    const asked: string[] = []
    const { target: _, ...call } = CALL
    const message = await run(({ step }) =>
      step('model', () => plimsoll.call(call, ({ target }) => (asked.push(target), hangs()))).catch(
        (error: Error) => error.message,
      ),
    )
    expect(message).toBe('The step `model` of `support` took longer than its budget of 2000 ms.')
    expect(asked).toEqual([A])
  })

  it('`callMs` that is shorter than the step’s ends the call, and the step goes on', async () => {
    const { run, plimsoll, clock } = running({ timeouts: { callMs: 1_000 } })
    const outcome = await run(({ step }) =>
      step('model', { timeoutMs: 8_000 }, async () => {
        const error = await plimsoll.call(CALL, hangs).catch((reason: unknown) => reason)
        return [(error as Error).name, clock.now()]
      }),
    )
    expect(outcome).toEqual(['TimeoutError', 1_000])
  })
})

describe('workflows and choosing', () => {
  it('a step names the task, and so who answers; the call’s own task wins', async () => {
    const { run, plimsoll } = running({
      tasks: { answer: { targets: [A] }, rank: { targets: [B] } },
      workflows: { support: { steps: { rerank: { task: 'rank' } } } },
    })
    const { target: _, ...call } = CALL
    const ask = (own: object = {}) => plimsoll.call({ ...call, ...own }, async ({ target }) => target)
    expect(
      await run(async ({ step }) => [
        await step('rerank', () => ask()),
        await step('rerank', () => ask({ task: 'answer' })),
        await step('model', { task: 'answer' }, () => ask()),
      ]),
    ).toEqual([B, A, A])
  })

  it('a fallback inside of a run is counted by it', async () => {
    const { run, plimsoll, runs } = running({ tasks: { answer: { targets: [A, B], retry: { budget: 0 } } } })
    const { target: _, ...call } = CALL
    await run(() =>
      plimsoll.call({ ...call, task: 'answer' }, ({ target }) =>
        target === A ? fails(503)() : Promise.resolve(used(5, 5)),
      ),
    )
    expect(runs()).toMatchObject([{ fallbacks: 1, attempts: 2, retries: 1, degraded: 0 }])
  })
})

describe('workflows and degradation', () => {
  it('a lesser answer within a step is an answer: counted, and the step is not given up', async () => {
    const { run, plimsoll, runs, events } = running({
      tasks: { answer: { targets: [A], retry: { budget: 0 }, degrade: [{ message: 'Not now.' }] } },
    })
    const outcome = await run(({ step }) =>
      step('model', { optional: true, task: 'answer' }, () => plimsoll.call(CALL, fails(503))),
    )
    expect(outcome).toBe('Not now.')
    expect(runs()).toMatchObject([{ degraded: 1, outcome: 'finished' }])
    expect(events.filter(({ type }) => type === 'step.degraded')).toEqual([])
  })

  it('what is put off outlives its run: it belongs to none when it is made', async () => {
    const later = deferQueue()
    const { run, plimsoll } = running({
      tasks: { digest: { targets: [A], retry: { budget: 0 }, degrade: [{ defer: later }] } },
    })
    const outcome = await run(
      ({ step }) =>
        step('digest', { task: 'digest' }, () => plimsoll.call({ ...CALL, input: 'x' }, fails(503))),
      { user: 'ada' },
    )
    expect(outcome).toBe('deferred')
    const jobs: unknown[] = []
    await later.run(async ({ attributes, request }) => jobs.push(attributes, request))
    expect(jobs).toEqual([{ tenant: 'acme', user: 'ada', workflow: 'support', task: 'digest' }, 'x'])
  })

  it('no rung that calls is asked once the step has no time; what calls nothing still answers', async () => {
    const { run, plimsoll } = running({
      tasks: { answer: { targets: [A], degrade: [{ target: B }, { message: 'Not now.' }] } },
      targets: { [A]: { limits: { concurrency: 1 } }, [B]: { limits: { rpm: 10 } } },
    })
    plimsoll.reserve(CALL)
    const asked: string[] = []
    const { target: _, ...call } = CALL
    // The deadline of the run, not of a step: the call is refused in the queue, and its caller is still there.
    const outcome = await run(
      () => plimsoll.call({ ...call, task: 'answer' }, async ({ target }) => (asked.push(target), target)),
      { deadlineMs: 500 },
    )
    expect([outcome, asked]).toEqual(['Not now.', []])
  })
})

describe('workflows and budgets', () => {
  it('what a run may use bounds it, step after step, and is its own', async () => {
    const { run, plimsoll, runs } = running({ budgets: [{ per: 'run', tokens: 50 }] })
    const steps: (workflow: Workflow) => Promise<unknown[]> = async ({ step }) => {
      const outcomes: unknown[] = []
      for (const name of ['retrieval', 'model', 'tool']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        outcomes.push(await outcomeOf(step(name, () => plimsoll.call(CALL, async () => used(10, 10)))))
      }
      return outcomes
    }
    const expected = [used(10, 10), used(10, 10), 'wait-too-long']
    expect(await run(steps)).toEqual(expected)
    expect(await run(steps)).toEqual(expected)
    expect(runs()).toMatchObject([
      { usage: { inputTokens: 20, outputTokens: 20 }, calls: 3 },
      { usage: { inputTokens: 20, outputTokens: 20 }, calls: 3 },
    ])
  })

  it('a step that is given up in the queue gives back what it would have used', async () => {
    const { run, plimsoll } = running({
      budgets: [{ per: 'tenant', tokens: 100, every: 'day' }],
      targets: { [A]: { limits: { concurrency: 1 } } },
    })
    plimsoll.reserve({ ...CALL, tenant: 'other' })
    await run(({ step }) =>
      step('rerank', { optional: true, timeoutMs: 300 }, () => plimsoll.call(CALL, async () => used(10, 10))),
    )
    const { limits } = await plimsoll.headroom(A, { tenant: 'acme' })
    expect(limits.find(({ key }) => key.includes('tenant=acme'))).toMatchObject({ available: 100 })
  })
})
