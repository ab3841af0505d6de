import { describe, expect, it } from 'vitest'
import { anthropic } from '../providers/anthropic.ts'
import { generic } from '../providers/generic.ts'
import { openai } from '../providers/openai.ts'
import { learntLines, limitEntries, limitLines } from './limit-lines.ts'

const MINUTE = 60_000
const DAY = 86_400_000

describe('limits as they are written', () => {
  it('short, are those of a minute, a day, and at once', () => {
    const entries = limitEntries({ rpm: 1, tpm: 2, itpm: 3, otpm: 4, rpd: 5, tpd: 6, concurrency: 7 })
    expect(entries).toEqual([
      { unit: 'requests', amount: 1, perMs: MINUTE },
      { unit: 'tokens', amount: 2, perMs: MINUTE },
      { unit: 'input', amount: 3, perMs: MINUTE },
      { unit: 'output', amount: 4, perMs: MINUTE },
      { unit: 'requests', amount: 5, perMs: DAY },
      { unit: 'tokens', amount: 6, perMs: DAY },
      { unit: 'slots', amount: 7 },
    ])
  })

  it('in full, are taken as they are', () => {
    const list = [{ unit: 'tokens', amount: 1, perMs: 1_000 }] as const
    expect(limitEntries(list)).toBe(list)
  })
})

describe('a limit', () => {
  it('is counted as its provider does, unless it says otherwise', () => {
    const entry = { unit: 'tokens', amount: 100, perMs: MINUTE } as const
    const algorithmOf = (profile: typeof openai, algorithm?: 'fixed-window') =>
      limitLines('t', [{ ...entry, ...(algorithm && { algorithm }) }], profile)[0]!.bucket.algorithm
    expect([algorithmOf(openai), algorithmOf(anthropic), algorithmOf(anthropic, 'fixed-window')]).toEqual([
      openai.algorithm,
      'token-bucket',
      'fixed-window',
    ])
  })

  it('with a burst holds that much and refills its amount', () => {
    const entry = {
      unit: 'tokens',
      amount: 6_000,
      perMs: MINUTE,
      algorithm: 'token-bucket',
      burst: 100,
    } as const
    expect(limitLines('t', [entry], generic)[0]!.bucket).toMatchObject({
      capacity: 100,
      amount: 6_000,
      perMs: MINUTE,
    })
  })

  it('has a key of its own for each unit and window', () => {
    const entries = limitEntries({ rpm: 1, rpd: 2, tpm: 3, concurrency: 4 })
    expect(limitLines('limit:a/b', entries, generic).map(({ bucket }) => bucket.key)).toEqual([
      'limit:a/b:requests:60000',
      'limit:a/b:tokens:60000',
      'limit:a/b:requests:86400000',
      'limit:a/b:slots',
    ])
  })

  it('of output is live where the provider counts while it is generated', () => {
    const lines = limitLines('t', limitEntries({ itpm: 1, otpm: 1 }), { ...generic, liveOutput: true })
    expect(lines.map(({ bucket }) => bucket.live)).toEqual([undefined, true])
  })
})

it('what a target may turn out to have is there from the start, without end, and eight slots', () => {
  const lines = learntLines('limit:t', generic)
  expect(lines.map(({ unit, bucket }) => [unit, bucket.capacity])).toEqual([
    ['requests', Infinity],
    ['tokens', Infinity],
    ['input', Infinity],
    ['output', Infinity],
    ['slots', 8],
  ])
})
