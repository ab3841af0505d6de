import { describe, expect, it } from 'vitest'
import { Ledger } from './ledger.ts'

const NOTHING = { dropped: 0, counted: 0, answered: 0, returned: 0, parted: 0, corrections: [] }

describe('what is to be told of a slice', () => {
  it.each<[string, (ledger: Ledger) => void, Record<string, number>]>([
    ['counted', (ledger) => ledger.count(5), { dropped: 5, counted: 5 }],
    [
      'counted, and told in another way',
      (ledger) => (ledger.count(5), ledger.uncount(2)),
      { dropped: 3, counted: 3 },
    ],
    ['used in place of what was held', (ledger) => ledger.replace(5, 3), { dropped: 5, counted: 3 }],
    ['used without being held', (ledger) => ledger.replace(0, 3), { counted: 3 }],
    ['held, and not used', (ledger) => ledger.replace(3, 0), { dropped: 3 }],
    ['answered', (ledger) => (ledger.answered(2), ledger.answered(1)), { answered: 3 }],
    ['given back', (ledger) => (ledger.giveBack(2), ledger.giveBack(1)), { returned: 3 }],
    ['parted', (ledger) => (ledger.part(2), ledger.part(1)), { parted: 3 }],
  ])('is what was %s, once', (_name, happen, entry) => {
    const ledger = new Ledger()
    expect(ledger.isEmpty).toBe(true)
    happen(ledger)
    expect([ledger.isEmpty, ledger.counted]).toEqual([false, entry.counted ?? 0])
    const { batch: _, ...taken } = ledger.take()
    expect([taken, ledger.isEmpty]).toEqual([{ ...NOTHING, ...entry }, true])
    expect(ledger.take()).toEqual({ ...NOTHING, batch: undefined })
  })

  it('has one batch for what is counted between two words, and another for the next', () => {
    const ledger = new Ledger()
    const batch = ledger.count(1)
    expect([ledger.count(2) === batch, batch.at]).toEqual([true, Number.NaN])
    expect(ledger.take().batch).toBe(batch)
    expect(ledger.count(3)).not.toBe(batch)
  })

  it('is another count while it is untold, and a correction of its batch once it is told', () => {
    const ledger = new Ledger()
    const batch = ledger.count(10)
    ledger.correct(batch, 10, 4)
    expect(ledger.take()).toMatchObject({ dropped: 10, counted: 4, corrections: [] })
    batch.at = 7
    ledger.correct(batch, 10, 3)
    ledger.correct(batch, 5, 9)
    expect([ledger.isEmpty, ledger.counted]).toEqual([false, 0])
    expect(ledger.take()).toEqual({
      ...NOTHING,
      corrections: [{ at: 7, charged: 15, actual: 12 }],
      batch: undefined,
    })
    expect(ledger.isEmpty).toBe(true)
    ledger.correct(batch, 2, 1)
    expect(ledger.take().corrections).toEqual([{ at: 7, charged: 2, actual: 1 }])
  })

  it('is nothing where it came to what it was held to be, alone or with others', () => {
    const ledger = new Ledger()
    const batch = ledger.count(10)
    ledger.take()
    ledger.correct(batch, 10, 10)
    expect(ledger.isEmpty).toBe(true)
    ledger.correct(batch, 10, 8)
    ledger.correct(batch, 10, 12)
    expect([ledger.isEmpty, ledger.take().corrections, ledger.isEmpty]).toEqual([false, [], true])
  })

  it('is no more than 500 corrections at a time: the rest waits for the next', () => {
    const ledger = new Ledger()
    const batches = Array.from({ length: 501 }, () => {
      const batch = ledger.count(10)
      ledger.take()
      return batch
    })
    for (const batch of batches) ledger.correct(batch, 10, 9)
    const taken = [0, 0, 0].map(() => ledger.take().corrections.length)
    expect(taken).toEqual([500, 1, 0])
  })
})
