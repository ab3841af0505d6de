import { describe, expect, it } from 'vitest'
import { checkAttributes } from './call/attributes.ts'
import { PlimsollError } from './call/errors.ts'
import type { PlimsollConfig } from './config/config.ts'
import { createPlimsoll } from './plimsoll.ts'
import { usageOf } from './providers/usage-shapes.ts'
import { virtualClock } from './time/virtual-clock.ts'

describe('usage', () => {
  it("counts Gemini's thoughts as output: it reports them beside its candidates", () => {
    const usageMetadata = {
      promptTokenCount: 10,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 100,
      totalTokenCount: 115,
    }
    expect(usageOf({ usageMetadata })).toMatchObject({
      inputTokens: 10,
      outputTokens: 105,
      reasoningTokens: 100,
    })
  })

  it('is unknown where reading it throws', () => {
    const answer = {
      get usage() {
        throw new Error('not read yet')
      },
    }
    expect(usageOf(answer)).toBeUndefined()
  })
})

function refused(config: unknown): string {
  try {
    createPlimsoll(config as PlimsollConfig)
  } catch (error) {
    return PlimsollError.isInstance(error) ? error.message : String(error)
  }
  return 'accepted'
}

describe('a configuration', () => {
  it('names a burst that its algorithm cannot have', () => {
    const limits = [
      { unit: 'tokens', amount: 60_000, perMs: 60_000, algorithm: 'sliding-window', burst: 1_000 },
    ]
    expect(refused({ targets: { 'openai/model': { limits } } })).toContain('burst')
  })

  it('names a budget that limits nothing', () => {
    expect(refused({ budgets: [{ per: 'tenant' }] })).toContain('budgets[0]')
  })

  it('names a limit that no call ever fits', () => {
    expect(refused({ targets: { 'openai/model': { limits: { rpm: 0.5 } } } })).toContain('rpm')
  })

  it('names two limits of one unit and window', () => {
    const entry = { unit: 'tokens', amount: 1_000, perMs: 60_000 }
    expect(
      refused({ targets: { 'openai/model': { limits: [entry, { ...entry, amount: 500 }] } } }),
    ).toContain('limits')
  })
})

it('an attribute that cannot even be shown is refused as one that is wrong', () => {
  expect(() => checkAttributes({ tenant: Object.create(null) as string })).toThrow(
    expect.objectContaining({ code: 'invalid-call' }),
  )
})

it('an error whose cause cannot be read is no refusal of ours', () => {
  const error = {
    get cause() {
      throw new Error('hostile')
    },
  }
  expect(PlimsollError.find(error)).toBeUndefined()
})

it.each([
  ['a circle', circle()],
  ['a function', () => 1],
  ['a bigint', 10n],
])('an input that is no data is refused: %s', async (_what, input) => {
  const plimsoll = createPlimsoll({ clock: virtualClock() })
  await expect(plimsoll.call({ target: 'openai/model', input }, async () => 1)).rejects.toMatchObject({
    code: 'invalid-call',
  })
})

function circle(): unknown {
  const self: Record<string, unknown> = {}
  self['self'] = self
  return self
}

it('a reserve that is given a signal leaves the line when it aborts', () => {
  const plimsoll = createPlimsoll({
    clock: virtualClock(),
    targets: { 'openai/model': { limits: { concurrency: 1 } } },
  })
  const controller = new AbortController()
  plimsoll.reserve({ target: 'openai/model' })
  const ticket = plimsoll.reserve({ target: 'openai/model', signal: controller.signal })
  controller.abort()
  expect({ state: ticket.state, waiting: plimsoll.state().waiting }).toEqual({ state: 'aborted', waiting: 0 })
})

it('a call that is refused before it is sent is told as finished too', async () => {
  const told: string[] = []
  const plimsoll = createPlimsoll({ clock: virtualClock(), onEvent: ({ type }) => told.push(type) })
  await plimsoll.call({ target: 'openai/model', tenant: '' }, async () => 1).catch(() => {})
  expect(told).toContain('call.finished')
})

it('whoever leaves the queue is told to have left it', async () => {
  const clock = virtualClock()
  const told: string[] = []
  const targets = { 'openai/model': { limits: { concurrency: 1 } } }
  const plimsoll = createPlimsoll({ clock, targets, onEvent: ({ type }) => told.push(type) })
  plimsoll.reserve({ target: 'openai/model' })
  plimsoll.reserve({ target: 'openai/model' }).cancel()
  expect(told).toContain('queue.entered')
  expect(told).toContain('queue.left')
})

it('a weight that cannot be told is one, and is said', async () => {
  const clock = virtualClock()
  const failures: unknown[] = []
  const plimsoll = createPlimsoll({
    clock,
    targets: { 'openai/model': { limits: { concurrency: 1 } } },
    queue: {
      weight: () => {
        throw new Error('no such tenant')
      },
    },
    onEvent: (event) => {
      if (event.type === 'listener.failed') failures.push(event.error)
    },
  })
  const call = () => plimsoll.call({ target: 'openai/model', inputTokens: 1 }, async () => 'done')
  const answers = Promise.all([call(), call(), call()])
  await clock.advance(1_000)
  expect(await answers).toEqual(['done', 'done', 'done'])
  expect(failures.length).toBeGreaterThan(0)
})

it('a request that its toolkit cannot read ends its run all the same', async () => {
  const told: string[] = []
  const plimsoll = createPlimsoll({ clock: virtualClock(), onEvent: ({ type }) => told.push(type) })
  const run = plimsoll.workflow('broken', {}, () =>
    plimsoll.execute({
      target: 'openai/model',
      request: {},
      host: {
        segments: () => {
          throw new TypeError('not a request')
        },
      } as never,
    }),
  )
  await expect(run).rejects.toThrow('not a request')
  expect(told).toEqual(expect.arrayContaining(['call.finished', 'run.finished']))
})
