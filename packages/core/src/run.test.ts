import { describe, expect, it } from 'vitest'
import { opened, outcomeOf, parts, setUp, streamHost, used } from '../test/support/set-up.ts'
import { deadlineAfter } from './run.ts'

const config = { targets: { 'openai/model': { limits: { concurrency: 5 } } } } as const
const CALL = { target: 'openai/model', inputTokens: 10, maxOutputTokens: 20 }

function runs() {
  const { events, ...rest } = setUp(config)
  return { ...rest, finished: () => events.filter(({ type }) => type === 'run.finished') }
}

describe('a run of a workflow', () => {
  it('gathers its calls, and tells of itself once', async () => {
    const { clock, plimsoll, finished, records } = runs()
    const run = plimsoll.workflow('answer', { tenant: 'acme' }, async (workflow) => {
      await plimsoll.call(CALL, async () => used(10, 2))
      await plimsoll.call(CALL, async () => used(5, 3))
      clock.step(100)
      return workflow
    })
    const { run: id, name, deadline } = await run
    expect([name, deadline]).toEqual(['answer', Infinity])
    expect(finished()).toEqual([
      {
        type: 'run.finished',
        at: 100,
        run: id,
        workflow: 'answer',
        attributes: { tenant: 'acme', workflow: 'answer', run: id },
        outcome: 'finished',
        calls: 2,
        attempts: 2,
        retries: 0,
        rateLimited: 0,
        cacheHits: 0,
        fallbacks: 0,
        degraded: 0,
        usage: { inputTokens: 15, outputTokens: 5 },
        estimated: false,
        latencyMs: { queue: 0, retryDelay: 0, model: 0, validation: 0, steps: {}, total: 100 },
      },
    ])
    expect(records().map(({ attributes }) => attributes)).toEqual([
      { tenant: 'acme', workflow: 'answer', run: id },
      { tenant: 'acme', workflow: 'answer', run: id },
    ])
  })

  it('ends with the last reply that was opened inside, not with its function', async () => {
    const { plimsoll, finished } = runs()
    const host = streamHost(() =>
      parts({ content: true }, { finish: 'stop', usage: { inputTokens: 1, outputTokens: 1 } }),
    )
    const { value, end } = await plimsoll.workflow('answer', {}, () =>
      opened(plimsoll.execute({ host, request: {}, target: 'openai/model' })),
    )
    expect(finished()).toEqual([])
    await value.next()
    await value.next()
    await end
    await Promise.resolve()
    expect(finished()).toMatchObject([{ usage: { inputTokens: 1, outputTokens: 1 }, calls: 1 }])
  })

  it('tells how long its steps took, those that fail too, and their calls carry their names', async () => {
    const { clock, plimsoll, finished, records } = runs()
    const run = plimsoll.workflow('answer', {}, async ({ step }) => {
      const found = await step('retrieval', async () => {
        clock.step(30)
        return 'found'
      })
      await step('model', () => plimsoll.call(CALL, async () => used(1, 1)))
      await step('retrieval', async () => clock.step(12))
      await step('tool', async () => {
        clock.step(5)
        throw new Error('broken')
      }).catch(() => {})
      return found
    })
    expect(await run).toBe('found')
    expect(finished()).toMatchObject([{ latencyMs: { steps: { retrieval: 42, model: 0, tool: 5 } } }])
    expect(records()).toMatchObject([{ attributes: { workflow: 'answer', step: 'model' } }])
  })

  it('that throws has failed, and throws what it threw', async () => {
    const { plimsoll, finished } = runs()
    const mistake = new Error('a bug of the application')
    await expect(plimsoll.workflow('answer', {}, () => Promise.reject(mistake))).rejects.toBe(mistake)
    expect(finished()).toMatchObject([{ outcome: 'failed', calls: 0 }])
  })

  it('has an id of its own each time, unless it is given one', async () => {
    const { plimsoll } = runs()
    const idOf = (own: { run?: string }) => plimsoll.workflow('answer', own, async ({ run }) => run)
    const [one, other, given] = [await idOf({}), await idOf({}), await idOf({ run: 'mine' })]
    expect([one === other, given]).toEqual([false, 'mine'])
  })

  it('inside another has its own name and id, and the nearer deadline', async () => {
    const { plimsoll, records } = runs()
    await plimsoll.workflow('outer', { tenant: 'acme', deadlineMs: 1_000 }, () =>
      plimsoll.workflow('inner', { deadlineMs: 5_000 }, async ({ deadline }) => {
        expect(deadline).toBe(1_000)
        await plimsoll.call(CALL, async () => 1)
      }),
    )
    expect(records()).toMatchObject([{ attributes: { tenant: 'acme', workflow: 'inner' } }])
  })

  it('refuses attributes that are wrong before its function begins', async () => {
    const { plimsoll } = runs()
    let begun = false
    const run = plimsoll.workflow('answer', { tenant: '' }, async () => (begun = true))
    expect([await outcomeOf(run), begun]).toEqual(['invalid-call', false])
  })
})

it('a deadline is so far ahead, none where it is not given, and never what is no time', () => {
  expect([deadlineAfter(5, 10), deadlineAfter(5, undefined), deadlineAfter(5, Infinity)]).toEqual([
    15,
    Infinity,
    Infinity,
  ])
  for (const wrong of [0, -1, Number.NaN])
    expect(() => deadlineAfter(5, wrong)).toThrow(/`deadlineMs` is .*above 0/)
})
