import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Attributes } from '../call/attributes.ts'
import { Budgets } from './budgets.ts'
import type { BudgetConfig } from './budget-config.ts'

function keysOf(config: readonly BudgetConfig[], attributes: Attributes, target = 'openai/model'): string[] {
  return new Budgets(config).linesFor(attributes, target).map(({ bucket }) => bucket.key)
}

describe('the budgets of a call', () => {
  it('are one for each limit of each that is configured', () => {
    expect(
      keysOf(
        [
          { per: 'tenant', rpm: 1, tpm: 2 },
          { per: 'target', rpd: 3 },
        ],
        { tenant: 'acme' },
      ),
    ).toEqual([
      'budget:tenant=acme:requests:60000',
      'budget:tenant=acme:tokens:60000',
      'budget:target=openai/model:requests:86400000',
    ])
  })

  it('per several scopes are one for each combination', () => {
    const config = [{ per: ['tenant', 'feature'], tpm: 1 }] as const
    expect(keysOf(config, { tenant: 'acme', feature: 'chat' })).toEqual([
      'budget:tenant=acme+feature=chat:tokens:60000',
    ])
  })

  it('of those that lack an attribute are shared by them: to leave it out is no way around', () => {
    const config = [{ per: 'user', rpm: 1 }] as const
    expect(keysOf(config, {})).toEqual(keysOf(config, { tenant: 'other' }))
    expect(keysOf(config, {})).not.toEqual(keysOf(config, { user: 'one' }))
  })

  it('for each run are for calls that belong to one', () => {
    const config = [
      { per: 'run', tokens: 1 },
      { per: ['run', 'target'], tokens: 1 },
    ] as const
    expect(keysOf(config, { tenant: 'acme' })).toEqual([])
    expect(keysOf(config, { run: 'r' })).toHaveLength(2)
  })

  it('of no tenant are those of the tenant `default`', () => {
    const config = [{ per: 'tenant', rpm: 1 }] as const
    expect(keysOf(config, {})).toEqual(keysOf(config, { tenant: 'default' }))
  })

  it('for the same scope are told apart by their place', () => {
    const config = [
      { per: 'tenant', rpm: 1 },
      { per: 'tenant', rpm: 2 },
    ] as const
    expect(keysOf(config, { tenant: 'a' })).toEqual([
      'budget:tenant=a:requests:60000',
      'budget#2:tenant=a:requests:60000',
    ])
  })

  it('in full have the limits that are listed', () => {
    const limits = [{ unit: 'tokens', amount: 5, perMs: 1_000, algorithm: 'fixed-window' }] as const
    const [line] = new Budgets([{ per: 'run', limits }]).linesFor({ run: 'r' }, 't')
    expect(line!.bucket).toMatchObject({ algorithm: 'fixed-window', capacity: 5, perMs: 1_000 })
  })
})

it('no values, whatever their characters, name the budget of others', () => {
  const config = [{ per: ['tenant', 'user', 'feature'], rpm: 1 }] as const
  const value = fc.string({
    unit: fc.constantFrom('a', '+', ':', '%', '=', '2', 'b', '#'),
    minLength: 1,
    maxLength: 6,
  })
  const three = fc.record({ tenant: value, user: value, feature: value })
  fc.assert(
    fc.property(three, three, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other))
      expect(keysOf(config, one)).not.toEqual(keysOf(config, other))
    }),
    { numRuns: 300 },
  )
  expect(keysOf(config, { tenant: 'a+b', user: 'c', feature: 'd' })).not.toEqual(
    keysOf(config, { tenant: 'a', user: 'b+c', feature: 'd' }),
  )
})
