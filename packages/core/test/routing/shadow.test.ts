import { describe, expect, it } from 'vitest'
import { deferQueue } from '@plimsoll/core'
import type { PlimsollConfig } from '@plimsoll/core'
import { sleep } from '../support/caching.ts'
import {
  DAY,
  httpError,
  MINUTE,
  opened,
  outcomeOf,
  parts,
  setUp,
  streamHost,
  used,
} from '../support/set-up.ts'

const [A, B, C] = ['openai/a', 'anthropic/b', 'mistral/c'] as const
const CALL = { task: 'answer', inputTokens: 100, maxOutputTokens: 10, tenant: 'acme', user: 'ada' } as const
const shadow = { target: B, share: 1 } as const
const WATCHED = { tasks: { answer: { targets: [A], shadow } } } satisfies PlimsollConfig

type Answer = (signal: AbortSignal) => unknown

/** Each target answers after a second, but for what is given. */
function asking(config: PlimsollConfig = WATCHED, answers: Partial<Record<string, Answer>> = {}) {
  const host = setUp(config)
  const asked: [target: string, at: number][] = []
  const ask = (call: Record<string, unknown> = {}) =>
    host.plimsoll.call({ ...CALL, ...call }, async ({ target, signal }) => {
      asked.push([target, host.clock.now()])
      const { [target]: answer } = answers
      if (answer !== undefined) return answer(signal)
      await sleep(host.clock, 1_000)
      return { by: target, ...used(100, 10) }
    })
  const shadows = () => host.records().filter(({ shadowOf }) => shadowOf !== undefined)
  return { ...host, ask, asked, shadows }
}

describe('another target in the shadow of the first', () => {
  it('is asked when the answer is there, and nobody waits for it', async () => {
    const { ask, asked, clock, records } = asking()
    const answeredAt = ask().then((answer) => [answer, clock.now()])
    await clock.advance(10_000)
    expect(await answeredAt).toEqual([{ by: A, ...used(100, 10) }, 1_000])
    expect(asked).toEqual([
      [A, 0],
      [B, 1_000],
    ])
    expect(records()).toMatchObject([
      { target: A, attributes: { tenant: 'acme' }, latencyMs: { total: 1_000 } },
      {
        target: B,
        shadowOf: records()[0]!.callId,
        priority: 'low',
        usage: { inputTokens: 100, outputTokens: 10 },
        latencyMs: { total: 1_000 },
        fallback: false,
      },
    ])
    expect(records()[0]).not.toHaveProperty('shadowOf')
  })

  it('gets what was asked for, cut down and capped as the first was, and its answer is validated', async () => {
    const seen: unknown[] = []
    const { clock, plimsoll, records } = setUp({
      tasks: {
        answer: {
          targets: [A],
          shadow,
          maxOutputTokens: 7,
          validate: (answer, { target }) => (seen.push([target, answer]), target === A),
        },
      },
    })
    const { maxOutputTokens: _, ...call } = CALL
    const answer = plimsoll.call(call, async ({ target, maxOutputTokens }) => `${target} ${maxOutputTokens}`)
    await clock.advance(1)
    expect(await answer).toBe(`${A} 7`)
    expect(seen).toEqual([
      [A, `${A} 7`],
      [B, `${B} 7`],
    ])
    expect(records()).toMatchObject([
      { outcome: 'finished' },
      { outcome: 'rejected', reason: 'invalid-answer', shadowOf: expect.any(String), attempts: 1 },
    ])
  })

  it('is asked for a share of the calls', async () => {
    const shares = await Promise.all(
      [0, 0.25, 1].map(async (share) => {
        const { ask, clock, shadows } = asking({
          tasks: { answer: { targets: [A], shadow: { ...shadow, share } } },
        })
        for (let nth = 0; nth < 400; nth++) {
          const answer = ask()
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          await clock.advance(2_000)
          // oxlint-disable-next-line no-await-in-loop -- it is there
          await answer
        }
        return shadows().length / 400
      }),
    )
    expect([shares[0], shares[2]]).toEqual([0, 1])
    expect(shares[1]).toBeGreaterThan(0.18)
    expect(shares[1]).toBeLessThan(0.32)
  })

  it('reads a stream to its end', async () => {
    const read: string[] = []
    const { clock, plimsoll, records } = setUp(WATCHED)
    const host = streamHost(async function* () {
      yield { content: true }
      read.push('first')
      yield { content: true }
      read.push('second')
      yield { finish: 'stop' as const, usage: { inputTokens: 1, outputTokens: 2 } }
    })
    const { value, end } = await opened(
      plimsoll.execute({ host, request: {}, attributes: { task: 'answer' } }),
    )
    while ((await value.next()).done !== true);
    await end
    expect(read).toEqual(['first', 'second'])
    await clock.advance(1)
    expect(read).toEqual(['first', 'second', 'first', 'second'])
    expect(records()).toMatchObject([
      { target: A },
      { target: B, usage: { inputTokens: 1, outputTokens: 2 }, outcome: 'finished' },
    ])
  })
})

describe('nothing is asked in the shadow', () => {
  it.each<[string, PlimsollConfig, Record<string, unknown>, Partial<Record<string, Answer>>]>([
    ['of a call that failed', WATCHED, {}, { [A]: () => Promise.reject(httpError(400)) }],
    [
      'of an answer that another target gave',
      { tasks: { answer: { targets: [A, C], shadow } } },
      {},
      { [A]: () => Promise.reject(httpError(401)) },
    ],
    [
      'of a lesser answer',
      { tasks: { answer: { targets: [A], degrade: [{ target: C }], shadow } } },
      {},
      { [A]: () => Promise.reject(httpError(401)) },
    ],
    [
      'of a message in place of an answer',
      { tasks: { answer: { targets: [A], degrade: [{ message: 'Not now.' }], shadow } } },
      {},
      { [A]: () => Promise.reject(httpError(401)) },
    ],
    ['of the same target', { tasks: { answer: { targets: [B], shadow } } }, {}, {}],
    [
      'of a call of high risk',
      { tasks: { answer: { targets: [A], shadow, validate: () => true } } },
      { risk: 'high' },
      {},
    ],
    [
      'of a plan that wants none',
      { tasks: { answer: { targets: [A], shadow, plans: { eu: { shadow: { ...shadow, share: 0 } } } } } },
      { plan: 'eu' },
      {},
    ],
  ])('%s', async (_, config, call, answers) => {
    const { ask, clock, shadows, asked } = asking(config, answers)
    const outcome = outcomeOf(ask(call))
    await clock.advance(MINUTE)
    await outcome
    expect(shadows()).toEqual([])
    expect(asked.length).toBeGreaterThan(0)
  })

  it('of a call whose caller has left', async () => {
    const { ask, clock, asked } = asking()
    const controller = new AbortController()
    const outcome = outcomeOf(ask({ signal: controller.signal }))
    await clock.advance(500)
    controller.abort(new Error('left'))
    await clock.advance(MINUTE)
    expect([await outcome, asked]).toEqual(['left', [[A, 0]]])
  })

  it('of a stream that its reader leaves', async () => {
    const { clock, plimsoll, records } = setUp(WATCHED)
    const host = streamHost(() => parts({ content: true }, { content: true }, { finish: 'stop' }))
    const { value } = await opened(plimsoll.execute({ host, request: {}, attributes: { task: 'answer' } }))
    await value.next()
    await value.return?.()
    await clock.advance(1)
    expect(records()).toMatchObject([{ outcome: 'aborted' }])
  })

  it('of a hit', async () => {
    const { ask, clock, shadows } = asking({
      tasks: { answer: { targets: [A], shadow, cache: { ttlMs: DAY } } },
    })
    for (let nth = 0; nth < 5; nth++) {
      const answer = ask({ input: 'q' })
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(3_000)
      // oxlint-disable-next-line no-await-in-loop -- it is there
      await answer
    }
    expect(shadows()).toHaveLength(1)
  })

  it('of a host that cannot call it', async () => {
    const { clock, plimsoll, records } = setUp(WATCHED)
    const host = streamHost(() => parts({ content: true }, { finish: 'stop' }))
    const call = { host, request: {}, targets: [A], attributes: { task: 'answer' } }
    const { value } = await opened(plimsoll.execute(call))
    while ((await value.next()).done !== true);
    await clock.advance(1)
    expect(records()).toHaveLength(1)
  })
})

describe('what is asked in the shadow', () => {
  it('is on nobody’s account: no budget of the caller’s knows of it', async () => {
    const { ask, clock, plimsoll, shadows } = asking({
      ...WATCHED,
      budgets: (['tenant', 'user', 'feature'] as const).map((per) => ({ per, requests: 3, every: 'day' })),
    })
    const answers = [ask({ feature: 'chat' }), ask({ feature: 'chat' })]
    await clock.advance(5_000)
    await Promise.all(answers)
    expect(shadows()).toHaveLength(2)
    const { limits } = await plimsoll.headroom(A, { tenant: 'acme', user: 'ada', feature: 'chat' })
    expect(limits.filter(({ key }) => key.includes('budget')).map(({ available }) => available)).toEqual([
      1, 1, 1,
    ])
    const nobodys = await plimsoll.headroom(A, {})
    expect(
      nobodys.limits.filter(({ key }) => key.includes('budget')).map(({ available }) => available),
    ).toEqual([3, 3, 3])
  })

  it('has a budget like any tenant, under a name of its own', async () => {
    const { ask, clock, shadows } = asking({
      ...WATCHED,
      budgets: [{ per: 'tenant', requests: 2, every: 'day', when: { tenant: '(shadow)' } }],
    })
    const answers = [ask(), ask(), ask(), ask()]
    await clock.advance(MINUTE)
    await Promise.all(answers)
    expect(
      shadows()
        .map(({ outcome }) => outcome)
        .toSorted(),
    ).toEqual(['finished', 'finished', 'rejected', 'rejected'])
  })

  it('gives way to whoever waits for the same target', async () => {
    const { ask, asked, clock } = asking({
      ...WATCHED,
      targets: { [B]: { limits: { concurrency: 1 } } },
    })
    const first = ask({ target: B, task: 'other' })
    const watched = ask()
    await clock.advance(500)
    const others = [ask({ target: B, task: 'other' }), ask({ target: B, task: 'other' })]
    await clock.advance(MINUTE)
    await Promise.all([first, watched, ...others])
    expect(asked.slice(0, 4)).toEqual([
      [B, 0],
      [A, 0],
      [B, 1_000],
      [B, 2_000],
    ])
    expect(asked[4]).toEqual([B, 3_000])
  })

  it('is given up where there is no room within five seconds', async () => {
    const { ask, clock, shadows } = asking({ ...WATCHED, targets: { [B]: { limits: { rpm: 1 } } } })
    const answers = [ask(), ask()]
    await clock.advance(MINUTE)
    await Promise.all(answers)
    expect(shadows().map(({ outcome, reason }) => [outcome, reason])).toContainEqual([
      'rejected',
      'wait-too-long',
    ])
  })

  it('is at most eight calls at once, and a minute long', async () => {
    const roomy = { ...WATCHED, targets: { [A]: { limits: { rpm: 100 } }, [B]: { limits: { rpm: 100 } } } }
    const { ask, asked, clock, plimsoll, shadows } = asking(roomy, { [B]: () => new Promise(() => {}) })
    const answers = Array.from({ length: 50 }, () => ask())
    await clock.advance(2_000)
    await Promise.all(answers)
    expect(asked.filter(([target]) => target === B)).toHaveLength(8)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 8 })
    await clock.advance(MINUTE)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
    expect(shadows().map(({ outcome }) => outcome)).toEqual(Array.from({ length: 8 }, () => 'aborted'))
    const later = ask()
    await clock.advance(2_000)
    await later
    expect(asked.filter(([target]) => target === B)).toHaveLength(9)
  })

  it('is tried once, and its failure is nobody’s', async () => {
    const { ask, asked, clock, plimsoll, shadows } = asking(WATCHED, {
      [B]: () => Promise.reject(httpError(503)),
    })
    const answer = ask()
    await clock.advance(MINUTE)
    expect(await answer).toMatchObject({ by: A })
    expect(asked.map(([target]) => target)).toEqual([A, B])
    expect(shadows()).toMatchObject([{ outcome: 'failed', reason: 'overloaded', attempts: 1, retries: 0 }])
    expect(plimsoll.report().rows).toMatchObject([{ requests: 2, shadows: 1, failedRequests: 0 }])
    const byTenant = plimsoll.report({ by: 'tenant' }).rows
    expect(
      byTenant.map(({ key, requests, failedRequests }) => [key.tenant, requests, failedRequests]),
    ).toEqual([
      ['acme', 1, 0],
      ['(shadow)', 1, 0],
    ])
  })

  it('takes none of the rungs of its task: what fails has failed', async () => {
    const later = deferQueue()
    const rungs = { answer: { targets: [A], shadow, degrade: [{ target: C }, { defer: later }] } }
    const { ask, asked, clock, shadows } = asking(
      { tasks: rungs },
      { [B]: () => Promise.reject(httpError(503)) },
    )
    const answer = ask()
    await clock.advance(MINUTE)
    await answer
    expect(asked.map(([target]) => target)).toEqual([A, B])
    expect(shadows()).toMatchObject([{ outcome: 'failed', fallback: false }])
    expect(await later.size()).toBe(0)
  })

  it('has no shadow of its own, nor has what it calls', async () => {
    const { clock, plimsoll, records } = setUp({
      tasks: { ...WATCHED.tasks, inner: { targets: [C], shadow } },
    })
    const answer = plimsoll.call({ task: 'answer', inputTokens: 1 }, async ({ target }) =>
      target === A
        ? 'answered'
        : plimsoll.call({ task: 'inner', inputTokens: 1 }, async (inner) => inner.target),
    )
    await clock.advance(1)
    await answer
    expect(records().map(({ target }) => target)).toEqual([A, C, B])
  })

  it('is no part of its caller’s run, nor of a step whose time is over', async () => {
    const { ask, clock, events, plimsoll, shadows } = asking()
    const run = plimsoll.workflow('support', { deadlineMs: 1_500 }, ({ step }) =>
      step('model', { timeoutMs: 1_200 }, () => ask()),
    )
    const finished = () => events.filter(({ type }) => type === 'run.finished')
    await clock.advance(1_000)
    await run
    expect(finished()).toMatchObject([{ calls: 1, attempts: 1 }])
    expect(shadows()).toEqual([])
    await clock.advance(1_000)
    expect(finished()).toHaveLength(1)
    expect(shadows()).toMatchObject([{ outcome: 'finished', attributes: { workflow: '(shadow)' } }])
    expect(shadows()[0]!.attributes).not.toHaveProperty('run')
  })

  it('calls what it calls on nobody’s account either', async () => {
    const { clock, plimsoll, records } = setUp(WATCHED)
    const answer = plimsoll.with({ tenant: 'acme', user: 'ada' }, () =>
      plimsoll.call({ task: 'answer', inputTokens: 1 }, async ({ target }) =>
        plimsoll.call({ target: C, inputTokens: 1, maxOutputTokens: 1 }, async () => `by ${target}`),
      ),
    )
    await clock.advance(1)
    await answer
    expect(records().map(({ target, attributes }) => [target, attributes.tenant])).toEqual([
      [C, 'acme'],
      [A, 'acme'],
      [C, '(shadow)'],
      [B, '(shadow)'],
    ])
  })

  it('begins no more once a process drains', async () => {
    const { ask, asked, clock, plimsoll } = asking()
    const answer = ask()
    await clock.advance(500)
    const drained = plimsoll.drain()
    await clock.advance(5_000)
    await answer
    expect(await drained).toEqual({ waiting: 0, reservations: 0 })
    expect(asked).toEqual([[A, 0]])
  })
})

describe('the configuration of a shadow', () => {
  it.each<[unknown, RegExp]>([
    [{ targets: [A], shadow: { target: B, share: 1.5 } }, /share.*from 0 to 1/],
    [{ targets: [A], shadow: { target: B, share: Number.NaN } }, /share/],
    [{ targets: [A], shadow: { target: B } }, /share/],
    [{ targets: [A], shadow: { target: '', share: 1 } }, /target/],
    [{ targets: [A], risk: 'high', validate: () => true, shadow }, /goes to nobody else: leave out `shadow`/],
  ])('%j is refused', (task, message) => {
    expect(() => setUp({ tasks: { answer: task as object } })).toThrow(message)
  })

  it('names a target that is listed, under strict', () => {
    expect(() => setUp({ ...WATCHED, strict: true, targets: { [A]: {} } })).toThrow(/names anthropic\/b/)
  })
})
