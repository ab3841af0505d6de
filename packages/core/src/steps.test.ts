import { describe, expect, it } from 'vitest'
import { outcomeOf, setUp, used } from '../test/support/set-up.ts'
import type { Workflow } from './run.ts'
import { StepCache } from './steps.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }
const workflows = {
  support: {
    deadlineMs: 20_000,
    steps: {
      retrieval: { timeoutMs: 500 },
      rerank: { timeoutMs: 700, optional: true },
      model: { timeoutMs: 8_000 },
      tool: { timeoutMs: 2_000 },
      validation: { timeoutMs: 500 },
    },
  },
} as const

function running() {
  const { clock, plimsoll, events, records } = setUp({ workflows })
  const sleep = (ms: number) => new Promise<void>((done) => clock.timer(ms, done))
  const run = async <R>(fn: (workflow: Workflow) => Promise<R>) => {
    const outcome = outcomeOf(plimsoll.workflow('support', { tenant: 'acme' }, fn))
    await clock.advance(60_000)
    return outcome
  }
  const finished = () => events.filter((event) => event.type === 'run.finished')
  const degraded = () => events.filter((event) => event.type === 'step.degraded')
  return { clock, plimsoll, sleep, run, finished, degraded, records }
}

describe('the budget of a step', () => {
  it.each(Object.entries(workflows.support.steps))(
    'of %s (%j) is kept, and named when it is overrun',
    async (name, given) => {
      const { run, sleep, degraded } = running()
      const { timeoutMs } = given
      const isOptional = 'optional' in given
      expect(await run(({ step }) => step(name, async () => (await sleep(timeoutMs - 1), 'in time')))).toBe(
        'in time',
      )
      let reason: unknown
      const overrun = await run(async ({ step }) => {
        try {
          return await step(name, async ({ signal }) => {
            await sleep(timeoutMs + 1)
            ;({ reason } = signal)
          })
        } catch (error) {
          return error
        }
      })
      const error = {
        code: 'step-timeout',
        message: `The step \`${name}\` of \`support\` took longer than its budget of ${timeoutMs} ms.`,
      }
      expect(reason).toMatchObject(error)
      expect(
        overrun === undefined ? 'left out' : { ...(overrun as object), message: (overrun as Error).message },
      ).toEqual(isOptional ? 'left out' : { ...error, name: 'PlimsollError', attempts: 0 })
      expect(degraded()).toMatchObject(
        isOptional ? [{ step: name, reason: 'timeout', workflow: 'support' }] : [],
      )
    },
  )

  it('ends the calls inside that are over it, wherever they are', async () => {
    const { run, clock, plimsoll, records } = running()
    await run(({ step }) => step('rerank', () => plimsoll.call(CALL, () => new Promise(() => {}))))
    await clock.advance(1)
    expect(records()).toMatchObject([{ outcome: 'aborted', attributes: { step: 'rerank' } }])
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })

  it('is no longer than what is left of the run', async () => {
    const { run, sleep } = running()
    expect(
      await run(async ({ step }) => {
        await sleep(19_000)
        const late = step('tool', () => sleep(1_500)).catch((error: Error) => error.message)
        await sleep(1_001)
        const none = step('model', async () => 1).catch((error: Error) => error.message)
        return [await late, await none]
      }),
    ).toEqual([
      'The step `tool` of `support` took longer than the 1000 ms that were left of the run.',
      'The step `model` of `support` had no time left: the deadline of its run has passed.',
    ])
  })

  it('in code wins over the one that is configured, and is a time', async () => {
    const { run, sleep } = running()
    expect(await run(({ step }) => step('tool', { timeoutMs: 10 }, () => sleep(20)))).toBe('step-timeout')
    for (const timeoutMs of [0, -1, Number.NaN])
      expect(await run(({ step }) => step('tool', { timeoutMs }, async () => 1))).toBe('invalid-call')
  })
})

describe('an optional step', () => {
  it('that fails, or has no time, is left out and counted', async () => {
    const { run, sleep, finished, degraded } = running()
    const results = await run(async ({ step }) => {
      const failed = await step('rerank', () => Promise.reject(new Error('broken')))
      await sleep(20_000)
      return [failed, await step('rerank', async () => 'late')]
    })
    expect(results).toEqual([undefined, undefined])
    expect(degraded().map(({ reason }) => reason)).toEqual(['failed', 'no-time'])
    expect(finished()).toMatchObject([{ degraded: 2, outcome: 'finished' }])
  })

  it('that is not needed is left out, and nothing is degraded', async () => {
    const { run, finished } = running()
    const results = await run(async ({ step }) => [
      await step('rerank', { when: false }, async () => 'ran'),
      await step('rerank', { when: async () => false }, async () => 'ran'),
      await step('rerank', { when: () => true }, async () => 'ran'),
    ])
    expect(results).toEqual([undefined, undefined, 'ran'])
    expect(finished()).toMatchObject([{ degraded: 0 }])
  })
})

describe('a step', () => {
  it('names the task of the calls inside', async () => {
    const { run, plimsoll, records } = running()
    await run(({ step }) =>
      step('model', { task: 'answer' }, () => plimsoll.call(CALL, async () => used(1, 1))),
    )
    expect(records()).toMatchObject([{ attributes: { step: 'model', task: 'answer', workflow: 'support' } }])
  })

  it('keeps its result for the same tenant and key, as a copy', async () => {
    const { plimsoll, clock } = running()
    let ran = 0
    const find = (tenant: string, key: string) =>
      plimsoll.workflow('support', { tenant }, ({ step }) =>
        step('retrieval', { cache: { key, ttlMs: 1_000 } }, async () => ({ found: [++ran] })),
      )
    const first = await find('acme', 'ships')
    first!.found.push(99)
    expect(await find('acme', 'ships')).toEqual({ found: [1] })
    expect(await find('acme', 'boats')).toEqual({ found: [2] })
    expect(await find('globex', 'ships')).toEqual({ found: [3] })
    await clock.advance(1_000)
    expect(await find('acme', 'ships')).toEqual({ found: [4] })
  })

  it('keeps dates, maps and bytes as what they are', async () => {
    const { plimsoll } = running()
    const found = { at: new Date(5), by: new Map([['a', 1]]), bytes: Buffer.from('ab') }
    const find = () =>
      plimsoll.workflow('support', {}, ({ step }) =>
        step('retrieval', { cache: { key: 'k', ttlMs: 1_000 } }, async () => found),
      )
    await find()
    const kept = await find()
    expect(kept).toEqual(found)
    expect(kept).not.toBe(found)
  })

  it('keeps a thousand results, and 64 MiB of them', () => {
    const cache = new StepCache()
    const has = (key: string) => cache.get(key, 0) !== undefined
    for (let nth = 0; nth <= 1_000; nth++) cache.set(`${nth}`, nth, 1)
    expect([has('0'), has('1'), has('1000')]).toEqual([false, true, true])
    for (let nth = 0; nth < 5; nth++) cache.set(`large ${nth}`, new Uint8Array(15 * 2 ** 20), 1)
    expect([has('large 0'), has('large 1'), has('large 4')]).toEqual([false, true, true])
    cache.set('huge', new Uint8Array(65 * 2 ** 20), 1)
    expect([has('huge'), has('large 4')]).toEqual([false, true])
  })

  it('keeps nothing that failed, nor what cannot be copied', async () => {
    const { plimsoll } = running()
    let ran = 0
    const once = (fn: () => Promise<unknown>) =>
      outcomeOf(
        plimsoll.workflow('support', {}, ({ step }) =>
          step('tool', { cache: { key: 'k', ttlMs: 1_000 } }, fn),
        ),
      )
    await once(() => Promise.reject(new Error('broken')))
    await once(async () => () => ran++)
    await once(async () => ++ran)
    expect(ran).toBe(1)
  })

  it('throws what its function throws', async () => {
    const { run } = running()
    const mistake = new TypeError('a bug of the application')
    expect(
      await run(({ step }) =>
        step('tool', () => Promise.reject(mistake)).catch((error: unknown) => error === mistake),
      ),
    ).toBe(true)
  })
})
