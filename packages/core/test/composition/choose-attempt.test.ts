import type { PartInfo, Validate } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import {
  httpError,
  NO_REPEATS,
  MINUTE,
  opened,
  outcomeOf,
  parts,
  setUp,
  streamHost,
  used,
} from '../support/set-up.ts'

const [A, B, C] = ['openai/a', 'openai/b', 'openai/c'] as const
const CALL = { task: 'answer', inputTokens: 10, maxOutputTokens: 10 } as const
const slots = (amount: number) => ({ limits: { concurrency: amount } })

describe('choosing and waiting for room', () => {
  it('a wait that is longer than the task allows is passed over, and the event says so', async () => {
    const { plimsoll, events } = setUp({
      targets: { [A]: { limits: [{ unit: 'requests', amount: 1, perMs: MINUTE }] }, [B]: slots(5) },
      tasks: { answer: { targets: [A, B], maxWaitMs: 1_000 } },
    })
    const ask = () => plimsoll.call(CALL, async ({ target }) => target)
    expect([await ask(), await ask()]).toEqual([A, B])
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'candidate.passed',
        target: A,
        reason: 'wait',
        waitMs: expect.any(Number),
      }),
    )
  })

  it('calls that come together share the targets out among themselves: none waits for what another took', async () => {
    const { clock, plimsoll } = setUp({
      targets: { [A]: slots(3), [B]: slots(4), [C]: slots(5) },
      tasks: { answer: { targets: [A, B, C], strategy: 'headroom' } },
    })
    const counts: Record<string, number> = {}
    const calls = Array.from({ length: 12 }, () =>
      plimsoll.call(CALL, async ({ target }) => {
        counts[target] = (counts[target] ?? 0) + 1
        await new Promise<void>((done) => clock.timer(5_000, done))
      }),
    )
    await clock.advance(200)
    expect(counts).toEqual({ [A]: 3, [B]: 4, [C]: 5 })
    await clock.advance(10_000)
    await Promise.all(calls)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('a rate limit whose wait is too long sends the call on, and is told as what it was', async () => {
    const { clock, plimsoll, records } = setUp({ tasks: { answer: { targets: [A, B], maxWaitMs: 2_000 } } })
    const call = plimsoll.call(CALL, async ({ target }) => {
      if (target === A) throw httpError(429, { 'retry-after': '30' })
      return target
    })
    await clock.advance(100)
    expect(await call).toBe(B)
    expect(records()).toMatchObject([{ attempts: 2, rateLimited: 1, fallback: true }])
  })

  it('a deadline that has passed asks nobody else', async () => {
    const { clock, plimsoll } = setUp({
      targets: { [A]: slots(1), [B]: slots(1) },
      tasks: { answer: { targets: [A, B], degrade: [{ message: 'Too late.' }] } },
    })
    plimsoll.reserve({ target: A })
    plimsoll.reserve({ target: B })
    let asked = 0
    const call = outcomeOf(plimsoll.call({ ...CALL, deadlineMs: 500 }, async () => ++asked))
    await clock.advance(1_000)
    expect([await call, asked]).toEqual(['Too late.', 0])
  })
})

describe('choosing and failing', () => {
  it('after its deadline nobody else is asked, and the failure is told as what it was', async () => {
    const { clock, plimsoll } = setUp({ tasks: { answer: { targets: [A, B] } } })
    const asked: string[] = []
    const call = outcomeOf(
      plimsoll.call({ ...CALL, deadlineMs: 100 }, async ({ target }) => {
        asked.push(target)
        await new Promise<void>((done) => clock.timer(200, done))
        throw httpError(500)
      }),
    )
    await clock.advance(500)
    expect([await call, asked]).toEqual(['status 500', [A]])
  })
})

describe('choosing and streams', () => {
  const text = { content: true } as const
  const end = { finish: 'stop', usage: { inputTokens: 10, outputTokens: 5 } } as const
  async function read(stream: AsyncIterator<unknown>): Promise<unknown[]> {
    const seen: unknown[] = []
    for (let next = await stream.next(); next.done !== true; next = await stream.next()) seen.push(next.value)
    return seen
  }
  const targets = [A, B]
  const failing = httpError(500)

  it('one that fails before its first content is replaced, after it never', async () => {
    const { plimsoll, records } = setUp(NO_REPEATS)
    let asked = 0
    const early = streamHost(() => (++asked === 1 ? parts({ error: failing }) : parts(text, end)))
    const reply = opened(plimsoll.execute({ host: early, request: {}, targets }))
    expect(await read((await reply).value)).toEqual([text, end])
    const late = streamHost(() => parts(text, { error: failing }))
    const broken = await opened(plimsoll.execute({ host: late, request: {}, targets }))
    await read(broken.value)
    expect(await broken.end).toMatchObject({ how: 'failed' })
    expect(records()).toMatchObject([
      { attempts: 2, fallback: true, target: B },
      { attempts: 1, fallback: false, outcome: 'failed' },
    ])
  })

  it('one that breaks off ends there where the task says so, and is marked', async () => {
    const { plimsoll, records, events } = setUp({ tasks: { answer: { degrade: ['partial'] } } })
    const attributes = { task: 'answer' }
    const broken = [
      () => parts(text, { error: failing }),
      () => parts(text),
      async function* cut(): AsyncGenerator<PartInfo> {
        yield text
        throw failing
      },
    ]
    for (const source of broken) {
      const host = streamHost(source)
      const reply = await opened(plimsoll.execute({ host, request: {}, target: A, attributes }))
      expect(await read(reply.value)).toEqual([text])
      expect(await reply.end).toMatchObject({ degraded: 'partial' })
    }
    const whole = streamHost(() => parts(text, end))
    await read((await opened(plimsoll.execute({ host: whole, request: {}, target: A, attributes }))).value)
    expect(records().map(({ outcome, degraded }) => [outcome, degraded])).toEqual([
      ['failed', 'partial'],
      ['interrupted', 'partial'],
      ['failed', 'partial'],
      ['finished', undefined],
    ])
    expect(events.filter(({ type }) => type === 'call.degraded')).toHaveLength(3)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('one that its reader leaves is aborted, and no part of an answer', async () => {
    const { plimsoll, records } = setUp({ tasks: { answer: { degrade: ['partial'] } } })
    const host = streamHost(() => parts(text, text, end))
    const asked = { host, request: {}, target: A, attributes: { task: 'answer' } }
    const { value } = await opened(plimsoll.execute(asked))
    await value.next()
    await value.return?.()
    await Promise.resolve()
    expect(records()).toMatchObject([{ outcome: 'aborted' }])
    expect(records()[0]).not.toHaveProperty('degraded')
  })

  it('one that is validated is handed out when it is whole and has passed, and not before', async () => {
    const { plimsoll, records } = setUp({
      tasks: { answer: { targets, validate: (answer) => Array.isArray(answer) && answer.length === 3 } },
    })
    let asked = 0
    const host = streamHost(() => (++asked === 1 ? parts(text, end) : parts(text, text, end)))
    const reply = await opened(
      plimsoll.execute({ host, request: {}, targets, attributes: { task: 'answer' } }),
    )
    expect(await read(reply.value)).toEqual([text, text, end])
    expect(records()).toMatchObject([
      { target: B, usage: { inputTokens: 20, outputTokens: 10 }, estimated: false, outcome: 'finished' },
    ])
  })

  it('one that breaks while it is held back is replaced: nobody has seen it', async () => {
    const { plimsoll } = setUp({ tasks: { answer: { targets, validate: () => true } } })
    let asked = 0
    const host = streamHost(() => (++asked === 1 ? parts(text, { error: failing }) : parts(text, end)))
    const reply = await opened(
      plimsoll.execute({ host, request: {}, targets, attributes: { task: 'answer' } }),
    )
    expect(await read(reply.value)).toEqual([text, end])
  })

  it('who leaves while it is held back has left, and nothing more is asked', async () => {
    const { clock, plimsoll } = setUp({ tasks: { answer: { targets, validate: () => true } } })
    const controller = new AbortController()
    let asked = 0
    const host = streamHost(async function* silent(signal): AsyncGenerator<PartInfo, void> {
      asked++
      yield text
      await new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const { signal } = controller
    const outcome = plimsoll.execute({ host, request: {}, targets, attributes: { task: 'answer' }, signal })
    await clock.advance(10)
    controller.abort('gone')
    expect([await outcome, asked]).toEqual([{ kind: 'aborted', reason: 'gone' }, 1])
    await clock.advance(10)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })
})

describe('choosing and validating', () => {
  const answers: [what: string, validate: Validate, how: string][] = [
    ['says no', () => false, 'refused'],
    ['says something that is not true', () => 'yes' as unknown as boolean, 'refused'],
    [
      'throws',
      (): boolean => {
        throw new Error('a bug')
      },
      'threw',
    ],
    ['never ends', () => new Promise<boolean>(() => {}), 'timeout'],
  ]
  it.each(answers)('one that %s has not passed', async (_what, validate, how) => {
    const { clock, plimsoll, events, records } = setUp({ tasks: { answer: { targets: [A], validate } } })
    const call = outcomeOf(plimsoll.call(CALL, async () => used(10, 5)))
    await clock.advance(10_000)
    expect(await call).toBe('invalid-answer')
    expect(events).toContainEqual(expect.objectContaining({ type: 'validation.failed', how, target: A }))
    expect(records()).toMatchObject([
      { usage: { inputTokens: 10 }, latencyMs: { validation: how === 'timeout' ? 10_000 : 0 } },
    ])
  })

  it('its time is told apart, and what it turned down was paid for nothing', async () => {
    const { clock, plimsoll, records } = setUp({
      prices: { [A]: { input: 1, output: 1 }, [B]: { input: 10, output: 10 } },
      tasks: {
        answer: {
          targets: [A],
          escalate: [B],
          validate: async (_answer, { target }) => {
            await new Promise<void>((done) => clock.timer(40, done))
            return target === B
          },
        },
      },
    })
    const call = plimsoll.call(CALL, async () => used(1_000_000, 0))
    await clock.advance(1_000)
    await call
    expect(records()).toMatchObject([
      { costUsd: 11, wastedUsd: 1, latencyMs: { validation: 80 }, attempts: 2 },
    ])
  })
})
