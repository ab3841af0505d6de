import { describe, expect, it } from 'vitest'
import { countsAlike, isSame, withInfinities, withSizeOf } from './definition.ts'
import type { Bucket } from './port.ts'

const BUCKET: Bucket = { key: 'k', algorithm: 'token-bucket', capacity: 100, perMs: 1_000 }
const INFINITE: Bucket = { ...BUCKET, capacity: Infinity, perMs: Infinity, amount: Infinity }
const DAILY: Bucket = { ...BUCKET, algorithm: 'quota', calendar: { every: 'day', timeZone: 'UTC' } }

const through = (bucket: Bucket): Bucket => JSON.parse(JSON.stringify(bucket)) as Bucket

describe('a definition that went through JSON', () => {
  it.each([BUCKET, INFINITE, DAILY, { ...BUCKET, amount: 5 }])('is as it was: %o', (bucket) => {
    expect(withInfinities(through(bucket))).toStrictEqual(bucket)
  })
})

describe('a definition as large as another', () => {
  it('has its capacity and its amount, or none, and all else of its own', () => {
    const own = { ...BUCKET, key: 'own', perMs: 5, amount: 7 }
    expect([withSizeOf(INFINITE, own), withSizeOf(BUCKET, own)]).toStrictEqual([
      { key: 'own', algorithm: 'token-bucket', capacity: Infinity, perMs: 5, amount: Infinity },
      { key: 'own', algorithm: 'token-bucket', capacity: 100, perMs: 5 },
    ])
  })
})

describe('two definitions', () => {
  const otherwise: [string, Partial<Bucket>][] = [
    ['algorithm', { algorithm: 'sliding-window' }],
    ['phase', { phaseMs: 1 }],
    ['live output', { live: true }],
    ['steps', { steps: 4 }],
    ['guard', { guardMs: 1 }],
    ['being forgettable', { forgettable: true }],
  ]
  const larger: [string, Partial<Bucket>][] = [
    ['capacity', { capacity: 200 }],
    ['time', { perMs: 2_000 }],
    ['amount', { amount: 5 }],
    ['calendar', { calendar: { every: 'day', timeZone: 'UTC' } }],
  ]

  it.each(otherwise)('do not count alike, nor are the same, with another %s', (_name, change) => {
    const other = { ...BUCKET, ...change }
    expect([countsAlike(BUCKET, other), isSame(BUCKET, other)]).toEqual([false, false])
  })

  it.each(larger)('count alike with another %s, and are not the same', (_name, change) => {
    const other = { ...BUCKET, ...change }
    expect([countsAlike(BUCKET, other), isSame(BUCKET, other)]).toEqual([true, false])
  })

  it('are the same where all of it is, down to the calendar', () => {
    expect([isSame(BUCKET, through(BUCKET)), isSame(DAILY, through(DAILY))]).toEqual([true, true])
    const monthly: Bucket = { ...DAILY, calendar: { every: 'month', timeZone: 'UTC' } }
    const elsewhere: Bucket = { ...DAILY, calendar: { every: 'day', timeZone: 'Asia/Tokyo' } }
    expect([isSame(DAILY, monthly), isSame(DAILY, elsewhere)]).toEqual([false, false])
  })
})
