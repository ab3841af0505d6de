import { describe, expect, it } from 'vitest'
import { anthropic } from '../providers/anthropic.ts'
import { azure } from '../providers/azure.ts'
import { fireworks } from '../providers/fireworks.ts'
import { generic } from '../providers/generic.ts'
import { google } from '../providers/google.ts'
import { groq } from '../providers/groq.ts'
import { mistral } from '../providers/mistral.ts'
import { openai } from '../providers/openai.ts'
import { togetherai } from '../providers/togetherai.ts'
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
      'sliding-window',
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
    const lines = limitLines('t', limitEntries({ itpm: 1, otpm: 1 }), anthropic)
    expect(lines.map(({ bucket }) => bucket.live)).toEqual([undefined, true])
    expect(limitLines('t', limitEntries({ otpm: 1 }), openai)[0]!.bucket).not.toHaveProperty('live')
    expect(limitLines('t', limitEntries({ concurrency: 1 }), anthropic)).toStrictEqual([
      {
        unit: 'slots',
        budget: false,
        bucket: { key: 't:slots', algorithm: 'slots', capacity: 1, perMs: Infinity },
      },
    ])
  })
})

describe('a limit that its provider enforces in slices', () => {
  const linesOf = (entries: Parameters<typeof limitLines>[1], profile = azure) =>
    limitLines('t', entries, profile)

  it('is counted in slices, under the key of its window', () => {
    const [requests, tokens] = linesOf(limitEntries({ rpm: 120, tpm: 20_000 }))
    expect(requests).toEqual({
      unit: 'requests',
      budget: false,
      bucket: { key: 't:requests:60000', algorithm: 'sliding-window', capacity: 20, perMs: 10_000 },
      written: { perMs: MINUTE, sliceMs: 10_000 },
    })
    expect(tokens).toEqual({
      unit: 'tokens',
      budget: false,
      bucket: { key: 't:tokens:60000', algorithm: 'fixed-window', capacity: 20_000, perMs: MINUTE },
    })
  })

  it('is counted as it says, where it says how', () => {
    const entry = { unit: 'requests', amount: 120, perMs: MINUTE, algorithm: 'sliding-window' } as const
    const [line] = linesOf([entry])
    expect([line!.bucket.capacity, line!.written]).toEqual([120, undefined])
  })

  it('has no slices of its own while it is not known', () => {
    const learnt = learntLines('t', mistral)
    expect(
      learnt.map(({ unit, bucket: { algorithm, capacity, perMs }, written }) => [
        unit,
        algorithm,
        capacity,
        perMs,
        written?.sliceMs,
      ]),
    ).toEqual([
      ['tokens', 'sliding-window', Infinity, MINUTE, undefined],
      ['tokens', 'quota', Infinity, 31 * DAY, undefined],
      ['requests', 'sliding-window', Infinity, MINUTE, 1_000],
      ['slots', 'slots', 8, Infinity, undefined],
    ])
  })
})

it('a limit that starts anew by the calendar has one, unless it says how it is counted', () => {
  const calendar = { every: 'day', timeZone: 'America/Los_Angeles' }
  const [rpd] = limitLines('t', limitEntries({ rpd: 250 }), google)
  expect(rpd!.bucket).toEqual({
    key: 't:requests:86400000',
    algorithm: 'quota',
    capacity: 250,
    perMs: DAY,
    calendar,
  })
  const fixed = { unit: 'requests', amount: 250, perMs: DAY, algorithm: 'fixed-window' } as const
  expect(limitLines('t', [fixed], google)[0]!.bucket).not.toHaveProperty('calendar')
})

it('what a target may turn out to have has the windows of its headers', () => {
  const scopesOf = (profile: typeof openai) =>
    learntLines('t', profile).map(({ unit, bucket }) => [unit, bucket.perMs])
  expect([scopesOf(groq), scopesOf(google)]).toEqual([
    [
      ['requests', DAY],
      ['tokens', MINUTE],
      ['slots', Infinity],
    ],
    [['slots', Infinity]],
  ])
})

it('tokens of a second are a rate, which a call may be larger than: they are counted over a minute', () => {
  const linesOf = (profile: typeof openai) =>
    learntLines('t', profile).map(({ unit, bucket, written }) => [unit, bucket.key, bucket.perMs, written])
  expect(linesOf(fireworks)).toEqual([
    ['tokens', 't:tokens:60000', MINUTE, { perMs: 1_000 }],
    ['input', 't:input:60000', MINUTE, { perMs: 1_000 }],
    ['output', 't:output:60000', MINUTE, { perMs: 1_000 }],
    ['slots', 't:slots', Infinity, undefined],
  ])
  expect(linesOf(togetherai).slice(0, 2)).toEqual([
    ['requests', 't:requests:1000', 1_000, undefined],
    ['tokens', 't:tokens:60000', MINUTE, { perMs: 1_000 }],
  ])
})

it('what the headers of a target’s provider tell of is there from the start, without end, and eight slots', () => {
  const lines = learntLines('limit:t', generic)
  expect(lines.map(({ unit, bucket }) => [unit, bucket.capacity])).toEqual([
    ['requests', Infinity],
    ['tokens', Infinity],
    ['slots', 8],
  ])
})
