import { describe, expect, it } from 'vitest'
import type { Host, PartInfo, PlimsollConfig, Segment } from '@plimsoll/core'
import {
  httpError,
  MINUTE,
  NO_REPEATS,
  ONE_TRY,
  outcomeOf,
  setUp,
  wholeHost,
  streamHost,
  parts,
} from '../support/set-up.ts'

const [A, B, C] = ['openai/a', 'openai/b', 'openai/c'] as const
const CALL = { task: 'answer', inputTokens: 100, maxOutputTokens: 10 } as const

function asking(config: PlimsollConfig) {
  const host = setUp({ ...NO_REPEATS, ...config })
  const asked: string[] = []
  const ask = (call: Record<string, unknown> = {}, fail: (target: string) => unknown = () => undefined) =>
    outcomeOf(
      host.plimsoll.call({ ...CALL, ...call }, async ({ target }) => {
        asked.push(target)
        const error = fail(target)
        if (error !== undefined) throw error
        return target
      }),
    )
  const passed = () =>
    host.events.flatMap((event) => (event.type === 'candidate.passed' ? [[event.target, event.reason]] : []))
  return { ...host, asked, ask, passed }
}

describe('what is passed over, and why', () => {
  it('a context that is too small, by configuration or by what the source of prices says', async () => {
    const { ask, passed } = asking({
      targets: { [A]: { contextTokens: 100 } },
      prices: ({ id }) => ({
        id,
        price: { input: 1, output: 1 },
        ...(id === B ? { contextTokens: 50 } : {}),
      }),
      tasks: { answer: { targets: [A, B, C] } },
    })
    expect(await ask()).toBe(C)
    expect(passed()).toEqual([
      [A, 'context'],
      [B, 'context'],
    ])
  })

  it('what lacks something that the call needs', async () => {
    const { plimsoll, events } = setUp({
      targets: { [A]: { lacks: ['tools'] }, [B]: { lacks: ['files', 'schema'] } },
    })
    const needs = (kind: Segment['kind']) => ({
      ...streamHost(() => parts({ content: true })),
      segments: () => [{ role: 'user', kind, text: 'x' } as const],
    })
    const targets = [A, B]
    const answering = async (kind: Segment['kind']) => {
      const outcome = await plimsoll.execute({ host: needs(kind), request: {}, targets })
      return outcome.kind === 'ok' ? outcome.reply.target : outcome.kind
    }
    expect([
      await answering('tools'),
      await answering('file'),
      await answering('schema'),
      await answering('text'),
    ]).toEqual([B, A, A, A])
    expect(events.filter(({ type }) => type === 'candidate.passed')).toMatchObject([
      { reason: 'capability', target: A },
    ])
  })

  it('everything, and then the error says what', async () => {
    const { plimsoll } = setUp({
      targets: { [A]: { contextTokens: 1 }, [B]: { contextTokens: 1 } },
      tasks: { answer: { targets: [A, B] } },
    })
    await expect(plimsoll.call(CALL, async () => 1)).rejects.toMatchObject({
      code: 'no-target',
      message: `No target of task \`answer\` could answer (${A}: context; ${B}: context).`,
    })
  })
})

describe('what is tried after a failure', () => {
  const tasks = {
    answer: { targets: [A, B], degrade: [{ maxOutputTokens: 5 }, { target: C }, { message: 'Sorry.' }] },
  } satisfies PlimsollConfig['tasks']
  const word = (code: string) => Object.assign(new Error(code), { status: 400, code })

  it.each([
    ['a mistake in code', new TypeError('a bug'), [A], 'a bug'],
    ['a request that nobody takes', httpError(400), [A], 'status 400'],
    ['a filter of contents', word('content_filter'), [A], 'Sorry.'],
    ['a request that is too large: the same, with less to say', httpError(413), [A, A, B], 'Sorry.'],
    ['a context that overflows', word('context_length_exceeded'), [A, B, A, B, C], 'Sorry.'],
    ['a key that is not valid, which all of them have', httpError(401), [A], 'Sorry.'],
    ['a server that is down', httpError(500), [A, B, C], 'Sorry.'],
    [
      'a time-out: the same again with less to say',
      Object.assign(new Error('late'), { name: 'TimeoutError' }),
      [A, B, A, B, C],
      'Sorry.',
    ],
  ])('%s', async (_what, error, expected, outcome) => {
    const { ask, asked } = asking({ tasks })
    expect(await ask({}, () => error)).toBe(outcome)
    expect(asked).toEqual(expected)
  })

  it('to a larger context only', async () => {
    const { ask, asked } = asking({
      targets: {
        [A]: { contextTokens: 1_000 },
        [B]: { contextTokens: 1_000 },
        [C]: { contextTokens: 9_000 },
      },
      tasks: { answer: { targets: [A, B, C] } },
    })
    expect(await ask({}, (target) => (target === C ? undefined : word('context_length_exceeded')))).toBe(C)
    expect(asked).toEqual([A, C])
  })

  it('a call of one target fails with its own error, as it was', async () => {
    const error = httpError(500)
    const { plimsoll } = setUp({ ...ONE_TRY, tasks: { answer: { targets: [A] } } })
    await expect(plimsoll.call(CALL, () => Promise.reject(error))).rejects.toBe(error)
  })
})

it('a plan has its own tries, time-outs and hedges', async () => {
  const { clock, plimsoll } = setUp({
    tasks: {
      answer: {
        targets: [A],
        retry: { maxAttempts: 1 },
        plans: { premium: { retry: { maxAttempts: 2 }, timeouts: { attemptMs: 1_000 }, hedge: false } },
      },
    },
  })
  const asked: Record<string, number> = {}
  const ask = (plan: string) =>
    outcomeOf(
      plimsoll.call({ ...CALL, plan }, async () => {
        asked[plan] = (asked[plan] ?? 0) + 1
        await new Promise<void>((done) => clock.timer(5_000, done))
        if (plan === 'basic') throw httpError(500)
        return 'late'
      }),
    )
  const outcomes = Promise.all([ask('basic'), ask('premium')])
  await clock.advance(MINUTE)
  expect(await outcomes).toEqual(['status 500', DOMException.TIMEOUT_ERR])
  expect(asked).toEqual({ basic: 1, premium: 2 })
})

describe('strategies', () => {
  const targets = [A, B, C]

  it('cost: the cheapest first, and what nobody knows the price of last', async () => {
    const { ask } = asking({
      prices: { [B]: { input: 2, output: 2 }, [C]: { input: 1, output: 1 } },
      tasks: { answer: { targets, strategy: 'cost' } },
    })
    expect(await ask()).toBe(C)
    expect(await ask({}, (target) => (target === A ? undefined : httpError(500)))).toBe(A)
  })

  it('headroom: where there is most left', async () => {
    const { ask, asked } = asking({
      targets: { [A]: { limits: { rpm: 10 } }, [B]: { limits: { rpm: 20 } } },
      tasks: { answer: { targets: [A, B], strategy: 'headroom' } },
    })
    for (let call = 0; call < 30; call++) await ask()
    expect(asked.filter((target) => target === A)).toHaveLength(10)
  })

  it('latency: what answered fastest of late, asked again after a minute', async () => {
    const { clock, plimsoll } = setUp({ tasks: { answer: { targets, strategy: 'latency' } } })
    const speeds: Record<string, number> = { [A]: 300, [B]: 100, [C]: 200 }
    const asked: string[] = []
    const ask = async () => {
      const call = plimsoll.call(CALL, async ({ target }) => {
        asked.push(target)
        await new Promise<void>((done) => clock.timer(speeds[target]!, done))
      })
      await clock.advance(400)
      await call
    }
    for (let call = 0; call < 6; call++) await ask()
    expect(asked).toEqual([A, B, C, B, B, B])
    // B is always known, and the others are forgotten after a minute: then they are asked once more.
    await clock.advance(61_000)
    asked.length = 0
    speeds[A] = 10
    for (let call = 0; call < 4; call++) await ask()
    expect(asked.at(-1)).toBe(A)
  })
})

describe('deployments of one model', () => {
  it('over two pools are equivalents, and the one with room answers who looks on', async () => {
    const { clock, plimsoll } = asking({
      pools: { eu: { limits: { concurrency: 1 } }, us: { limits: { concurrency: 1 } } },
      targets: {
        'azure-eu/gpt-5': { provider: 'azure', model: 'gpt-5', pool: 'eu' },
        'azure-us/gpt-5': { provider: 'azure', model: 'gpt-5', pool: 'us' },
      },
      tasks: { answer: { targets: ['azure-eu/gpt-5', 'azure-us/gpt-5'] } },
    })
    plimsoll.reserve({ target: 'azure-eu/gpt-5' })
    const call = { ...CALL, mode: 'interactive' } as const
    const answer = plimsoll.call(call, async ({ target }) => target)
    // Nobody knows yet how long a slot is held: it may come free within a wait that nobody notices.
    await clock.advance(100)
    expect(await answer).toBe('azure-us/gpt-5')
  })
})

describe('a call', () => {
  it('that names neither a target nor a task that lists any is refused with the mend', async () => {
    const { plimsoll } = setUp({ tasks: { empty: {} } })
    for (const call of [{}, { task: 'empty' }, { task: 'unknown' }]) {
      const refused = plimsoll.call({ inputTokens: 1, ...call }, async () => 1)
      await expect(refused).rejects.toMatchObject({
        code: 'invalid-call',
        message: expect.stringContaining('names no `target`'),
      })
    }
    expect(() => plimsoll.reserve({ task: 'empty' })).toThrow(/names no `target`/)
  })

  it('whose task nobody can name is refused, not guessed', async () => {
    const { plimsoll } = setUp({
      classifyTask: () => {
        throw new Error('a bug')
      },
    })
    await expect(plimsoll.call({ target: A }, async () => 1)).rejects.toMatchObject({ code: 'invalid-call' })
    expect(await plimsoll.call({ target: A, task: 'own' }, async () => 1)).toBe(1)
  })

  it('is not talked out of its task by its client', async () => {
    const { plimsoll, records } = setUp({
      classifyTask: () => 'compliance',
      tasks: { compliance: { targets: [B], risk: 'high', validate: () => true }, chat: { targets: [A] } },
    })
    const host = streamHost(() =>
      parts({ content: true }, { finish: 'stop', usage: { inputTokens: 1, outputTokens: 1 } }),
    )
    await plimsoll.execute({ host, request: {}, targets: [A, B], forwarded: { task: 'chat' } })
    expect(records()).toMatchObject([{ target: B, attributes: { task: 'compliance' } }])
  })

  it('of a target that may not be called is refused, not thrown, under strict', async () => {
    const { plimsoll } = setUp({ strict: true, targets: { [A]: {} }, tasks: { answer: { targets: [A] } } })
    expect(await outcomeOf(plimsoll.call({ ...CALL, target: C }, async () => 1))).toBe('invalid-call')
  })

  it('that falls back to such a target, which its host offers, is refused too', async () => {
    const { plimsoll } = setUp({ ...NO_REPEATS, strict: true, targets: { [A]: {} } })
    const host: Host<PartInfo> = { ...wholeHost(() => ({})), open: () => Promise.reject(httpError(500)) }
    const outcome = await plimsoll.execute({ host, request: {}, targets: [A, C] })
    expect(outcome).toMatchObject({ kind: 'rejected', by: 'choose', error: { code: 'invalid-call' } })
  })

  it('is decided by what `update` has set, once it has', async () => {
    const { plimsoll, ask } = asking({ tasks: { answer: { targets: [A] } } })
    expect(await ask()).toBe(A)
    plimsoll.update({ tasks: { answer: { targets: [B] } } })
    expect(await ask()).toBe(B)
    expect(() => plimsoll.update({ tasks: { answer: { targets: [A, A] } } })).toThrow(/names openai\/a twice/)
    expect(await ask()).toBe(B)
  })
})
