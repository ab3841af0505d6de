import { describe, expect, it } from 'vitest'
import { checkPriceTable } from './price-table.ts'
import type { PriceTable } from './price.ts'

const check = (table: unknown) => () => checkPriceTable(table as PriceTable, 'prices')
const of = (price: unknown) => check({ 'openai/gpt-5': price })

describe('a table of prices that is as it should be', () => {
  it.each([
    {},
    { input: 0, output: 0 },
    {
      input: 3,
      output: 15,
      cacheRead: 0.3,
      cacheWrite5m: 3.75,
      cacheWrite1h: 6,
      perRequest: 0.01,
      tiers: [{ above: 200_000, input: 6 }],
      multipliers: { batch: 0.5 },
    },
  ])('is accepted: %o', (price) => {
    const table = 'input' in price ? { 'openai/gpt-5': price } : {}
    expect(check(table)()).toBe(table)
  })
})

describe('one that is not names the field and the mend', () => {
  it.each([
    [
      of({ input: -1, output: 5 }),
      "`prices['openai/gpt-5']['input']` is -1; use USD per million tokens, 0 or more",
    ],
    [of({ input: Number.NaN, output: 5 }), "['input']` is NaN; use USD"],
    [of({ input: Infinity, output: 5 }), "['input']` is Infinity; use USD"],
    [of({ input: '5', output: 5 }), "['input']` is '5'; use USD"],
    [of({ input: 5 }), "['output']` is undefined; use"],
    [of(5), "`prices['openai/gpt-5']` is 5; use an object such as { input: 1.25, output: 10 }"],
    [
      of({ input: 5, output: 5, cached: 1 }),
      "`prices['openai/gpt-5']['cached']` is not an option; remove it or",
    ],
    [of({ input: 5, output: 5, tiers: { above: 1 } }), "['tiers']` is an object; use a list of tiers"],
    [
      of({ input: 5, output: 5, tiers: [{ above: -1 }] }),
      "['tiers']['0']['above']` is -1; use a number of input",
    ],
    [of({ input: 5, output: 5, tiers: [{ above: 1, perRequest: 1 }] }), "['perRequest']` is not an option"],
    [
      of({ input: 5, output: 5, tiers: [{ above: 1 }, { above: 1 }] }),
      'two tiers begin above the same number',
    ],
    [
      of({ input: 5, output: 5, multipliers: { flex: -0.5 } }),
      "['multipliers']['flex']` is -0.5; use a number",
    ],
    [check({ '': { input: 5, output: 5 } }), 'use a non-empty string'],
    [check(null), '`prices` is null; use an object of prices by target id or model id'],
  ])('%#', (run, message) => {
    expect(run).toThrow(
      expect.objectContaining({ code: 'invalid-config', message: expect.stringContaining(message) }),
    )
  })

  it('names all that is wrong, not only the first', () => {
    const both = check({ a: { input: -1, output: 1 }, b: { input: 1, output: -1 } })
    expect(both).toThrow("['a']['input']")
    expect(both).toThrow("['b']['output']")
  })
})
