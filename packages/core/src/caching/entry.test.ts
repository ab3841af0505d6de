import { describe, expect, it } from 'vitest'
import { read, written } from './entry.ts'

const ENTRY = { at: 5, target: 'openai/model', finish: 'stop', data: { a: 1 } } as const

describe('an entry', () => {
  it('is read as it was written', () => {
    expect(read(written(ENTRY))).toEqual(ENTRY)
    expect(read(written({ ...ENTRY, finish: undefined, data: null }))).toEqual({
      ...ENTRY,
      finish: undefined,
      data: null,
    })
  })

  const text = (change: object) => JSON.stringify({ ...JSON.parse(written(ENTRY)), ...change })
  it.each([
    [undefined],
    [null],
    [5],
    [{}],
    [''],
    ['{'],
    ['null'],
    ['[]'],
    [text({ v: 2 })],
    [text({ v: undefined })],
    [text({ at: '5' })],
    [text({ at: null })],
    [text({ target: 5 })],
    [text({ finish: 'length' })],
    [text({ data: undefined })],
    [text({ more: 1 })],
  ])('is not anything else: %o', (other) => {
    expect(read(other)).toBeUndefined()
  })
})
