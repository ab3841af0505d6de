import { describe, expect, it } from 'vitest'
import type { CallRecord } from '../call/record.ts'
import { callRecord } from './record.fixture.ts'
import { RunTally } from './run-tally.ts'

const RUN = {
  at: 5_000,
  run: 'run-1',
  workflow: 'support',
  attributes: { tenant: 'acme' },
  outcome: 'finished',
} as const

function setUp() {
  let ends = 0
  const tally = new RunTally(() => ends++)
  return {
    tally,
    ends: () => ends,
    called: (own: Partial<CallRecord> = {}) => tally.began()(callRecord(own)),
    record: () => tally.record({ ...RUN, totalMs: 900 }),
  }
}

describe('the record of a run', () => {
  it('of no calls has nothing, and costs nothing', () => {
    expect(setUp().record()).toEqual({
      ...RUN,
      calls: 0,
      attempts: 0,
      retries: 0,
      rateLimited: 0,
      cacheHits: 0,
      fallbacks: 0,
      degraded: 0,
      usage: {},
      estimated: false,
      costUsd: 0,
      wastedUsd: 0,
      latencyMs: { queue: 0, retryDelay: 0, model: 0, validation: 0, steps: {}, total: 900 },
    })
  })

  it('adds up what its calls used, cost and met', () => {
    const { called, record } = setUp()
    called({
      attempts: 3,
      retries: 2,
      rateLimited: 1,
      costUsd: 0.5,
      wastedUsd: 0.25,
      latencyMs: { handling: 1, queue: 10, retryDelay: 20, model: 30, validation: 40, total: 101 },
    })
    called({
      attempts: 5,
      retries: 4,
      rateLimited: 3,
      costUsd: 1,
      wastedUsd: 0.5,
      latencyMs: { handling: 1, queue: 1, retryDelay: 2, model: 3, validation: 4, total: 11 },
    })
    expect(record()).toMatchObject({
      calls: 2,
      attempts: 8,
      retries: 6,
      rateLimited: 4,
      usage: { inputTokens: 200, outputTokens: 20 },
      costUsd: 1.5,
      wastedUsd: 0.75,
      latencyMs: { queue: 11, retryDelay: 22, model: 33, validation: 44, total: 900 },
    })
  })

  it('counts the calls that were answered from the cache, by another target, or with less', () => {
    const { called, record } = setUp()
    called({ cache: 'hit' })
    called({ cache: 'joined', fallback: true })
    called({ degraded: 'lesser-model' })
    called()
    expect(record()).toMatchObject({ cacheHits: 2, fallbacks: 1, degraded: 1 })
  })

  it('is an estimate once a call of it is', () => {
    const { called, record } = setUp()
    called()
    expect(record().estimated).toBe(false)
    called({ estimated: true })
    called()
    expect(record().estimated).toBe(true)
  })

  it('has no cost once that of a call is not known, and none is waste that nobody knows', () => {
    const { called, record } = setUp()
    called({ costUsd: 1, wastedUsd: 1 })
    called({ costUsd: 1 })
    expect(record()).toHaveProperty('costUsd', 2)
    expect(record()).not.toHaveProperty('wastedUsd')
    called()
    called({ costUsd: 1, wastedUsd: 1 })
    expect(record()).not.toHaveProperty('costUsd')
    expect(record()).not.toHaveProperty('wastedUsd')
  })
})

describe('the steps of a run', () => {
  it('are told by name, those of one name together', () => {
    const { tally, record } = setUp()
    tally.stepped('retrieval', 100)
    tally.stepped('__proto__', 7)
    tally.stepped('retrieval', 50)
    expect(Object.entries(record().latencyMs.steps)).toEqual([
      ['retrieval', 150],
      ['__proto__', 7],
    ])
  })

  it('are told apart up to 256 names; further ones are one, and those that are known stay', () => {
    const { tally, record } = setUp()
    for (let step = 0; step < 258; step++) tally.stepped(`step-${step}`, 1)
    tally.stepped('step-0', 1)
    const { steps } = record().latencyMs
    expect(Object.keys(steps)).toHaveLength(257)
    expect(steps).toMatchObject({ 'step-0': 2, 'step-255': 1, '(other)': 2 })
  })
})

describe('a run', () => {
  it('is over with its function, where no call is open', () => {
    const { tally, called, ends } = setUp()
    called()
    expect(ends()).toBe(0)
    tally.functionEnded()
    expect(ends()).toBe(1)
  })

  it('is over with its last call, where that outlives the function, and knows of that call', () => {
    const { tally, ends, record } = setUp()
    const first = tally.began()
    const second = tally.began()
    tally.functionEnded()
    first(callRecord())
    expect(ends()).toBe(0)
    second(callRecord())
    expect(ends()).toBe(1)
    expect(record().calls).toBe(2)
  })

  it('is over once, whatever is called from it later', () => {
    const { tally, called, ends } = setUp()
    tally.functionEnded()
    called()
    expect(ends()).toBe(1)
  })
})
