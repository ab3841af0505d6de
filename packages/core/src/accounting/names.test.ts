import { describe, expect, it } from 'vitest'
import type { Attributes } from '../call/attributes.ts'
import { folded, idOf, KEYS, NameTable, OTHER } from './names.ts'
import { callRecord } from './record.fixture.ts'

const TENANT = KEYS.indexOf('tenant')
const USER = KEYS.indexOf('user')

/** Cells of these attributes, of so many requests each. */
function setUp(...cells: readonly (readonly [Attributes, number])[]) {
  const table = new NameTable()
  const of = (attributes: Attributes) => table.of(callRecord({ attributes }))
  for (const [attributes, requests] of cells) table.gained(of(attributes), { cells: 1, requests })
  const rarest = (share: number) => {
    const { key, names } = table.rarest(share)
    return [KEYS[key], [...names].map(({ value }) => value)]
  }
  return { table, of, rarest }
}

describe('the names of a call', () => {
  it('are in the order of the keys, and none of a key that it does not have', () => {
    const { table, of } = setUp()
    const attributes = {
      plan: 'pro',
      promptVersion: 'v1',
      step: 'draft',
      task: 'write',
      workflow: 'mail',
      feature: 'answers',
      user: 'ada',
      tenant: 'acme',
    }
    const said = { target: 'openai/model', priority: 'medium', outcome: 'finished', shadow: 'shadow' }
    const values = { ...attributes, ...said }
    const names = table.of(callRecord({ attributes, shadowOf: 'a call' }))
    expect(names.map((name) => name?.value)).toEqual(KEYS.map((key) => values[key]))
    const own = of({}).filter((name) => name !== undefined)
    expect(own.map(({ value }) => value)).toEqual(['openai/model', 'medium', 'finished'])
  })

  it('are the same ones for the same values, and others of another key', () => {
    const { table, of } = setUp()
    const names = of({ tenant: 'acme', user: 'acme' })
    expect(of({ tenant: 'acme' })[TENANT]).toBe(names[TENANT])
    expect(names[USER]).not.toBe(names[TENANT])
    expect(table.find(USER, 'acme')).toBe(names[USER])
    expect(table.find(USER, 'ada')).toBeUndefined()
  })

  it('are forgotten with the last that is kept of them, and no sooner', () => {
    const { table, of } = setUp([{ tenant: 'acme' }, 2], [{ tenant: 'acme', user: 'ada' }, 3])
    table.lost(of({ tenant: 'acme', user: 'ada' }), 3)
    expect(table.find(USER, 'ada')).toBeUndefined()
    expect(table.find(TENANT, 'acme')).toMatchObject({ cells: 1, requests: 2 })
    table.lost(of({ tenant: 'acme' }), 2)
    expect(table.find(TENANT, 'acme')).toBeUndefined()
  })

  it('that were put together are neither counted nor forgotten', () => {
    const { table, of } = setUp([{ tenant: 'acme', user: 'ada' }, 1])
    const rest = folded(of({ tenant: 'acme', user: 'ada' }), USER)
    table.gained(rest, { cells: 1, requests: 5 })
    expect(rest[USER]).toMatchObject({ value: OTHER, cells: 0, requests: 0 })
    table.of(callRecord({ attributes: { user: OTHER } }))
    table.lost(rest, 5)
    expect(table.find(USER, OTHER)).toBeDefined()
    expect(table.find(TENANT, 'acme')).toMatchObject({ cells: 1, requests: 1 })
  })
})

describe('the rarest names', () => {
  it('are of the key that has most values', () => {
    const { rarest } = setUp([{ tenant: 'a', user: 'ada' }, 1], [{ tenant: 'a', user: 'bob' }, 2])
    expect(rarest(0.5)).toEqual(['user', ['ada']])
  })

  it('are of the first key of those that have as many', () => {
    const { rarest } = setUp([{ tenant: 'a', user: 'ada' }, 2], [{ tenant: 'b', user: 'bob' }, 1])
    expect(rarest(0.5)).toEqual(['tenant', ['b']])
  })

  it('are those with the fewest requests, so great a share of all, rounded up', () => {
    const { rarest } = setUp(...[100, 9, 20, 3, 10].map((n) => [{ tenant: `${n}` }, n] as const))
    expect(rarest(0.2)).toEqual(['tenant', ['3']])
    expect(rarest(0.5)).toEqual(['tenant', ['9', '3', '10']])
    expect(rarest(1)).toEqual(['tenant', ['9', '20', '3', '10', '100']])
  })

  it('are no more than that of many that are as rare', () => {
    const { rarest } = setUp(...['a', 'b', 'c', 'd'].map((tenant, n) => [{ tenant }, n < 3 ? 5 : 1] as const))
    expect(rarest(0.5)).toEqual(['tenant', ['d', 'a']])
  })

  it('of nothing are none', () => {
    expect(new NameTable().rarest(0.1).names.size).toBe(0)
  })
})

describe('an id of names', () => {
  it('tells values apart by their key, and a key without one from any', () => {
    const { of } = setUp()
    const given = [{}, { tenant: 'a' }, { user: 'a' }, { tenant: 'a', user: 'a' }, { tenant: 'b' }]
    expect(new Set(given.map((attributes) => idOf(of(attributes)))).size).toBe(given.length)
    expect(idOf(of({ tenant: 'a' }))).toBe(idOf(of({ tenant: 'a' })))
  })

  it('with a key put together is that of the names so put together', () => {
    const { of } = setUp()
    const names = of({ tenant: 'a', user: 'ada' })
    expect(idOf(names, USER)).toBe(idOf(folded(names, USER)))
    expect(idOf(names, USER)).not.toBe(idOf(names))
    expect(idOf(of({ tenant: 'a', user: 'bob' }), USER)).toBe(idOf(names, USER))
  })
})
