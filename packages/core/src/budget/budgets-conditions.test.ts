import { describe, expect, it } from 'vitest'
import type { Attributes } from '../call/attributes.ts'
import type { BudgetConfig } from './budget-config.ts'
import { Budgets, held } from './budgets.ts'
import type { ChargeLine } from './charges.ts'

const TARGET = 'openai/model'

function applies(when: NonNullable<BudgetConfig['when']>, attributes: Attributes, target = TARGET): boolean {
  return new Budgets([{ per: 'tenant', when, rpm: 1 }]).linesFor(attributes, target).length > 0
}

describe('a budget with conditions', () => {
  it('is for calls whose attribute is the one it names, or among them', () => {
    const targets = [TARGET, 'openai/other', 'openai/third']
    expect(targets.map((target) => applies({ target: TARGET }, {}, target))).toEqual([true, false, false])
    const two = { target: [TARGET, 'openai/other'] }
    expect(targets.map((target) => applies(two, {}, target))).toEqual([true, true, false])
    const plans = [{ plan: 'free' }, { plan: 'paid' }, {}]
    expect(plans.map((attributes) => applies({ plan: 'free' }, attributes))).toEqual([true, false, false])
  })

  it('is for calls that meet all of them', () => {
    const when = { plan: 'free', feature: 'chat' } as const
    const calls = [{ plan: 'free', feature: 'chat' }, { plan: 'free' }, { feature: 'chat' }]
    expect(calls.map((attributes) => applies(when, attributes))).toEqual([true, false, false])
  })

  it('goes by the priority that a call has, and the tenant it counts as, be they said or not', () => {
    const calls: readonly Attributes[] = [
      { priority: 'low' },
      { mode: 'background' },
      {},
      { priority: 'high' },
    ]
    expect(calls.map((attributes) => applies({ priority: 'low' }, attributes))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect([applies({ tenant: 'default' }, {}), applies({ tenant: 'default' }, { tenant: 'a' })]).toEqual([
      true,
      false,
    ])
  })
})

describe('what calls are charged to', () => {
  function made(configs: readonly BudgetConfig[], most?: number) {
    const lines: (readonly ChargeLine[])[] = []
    const budgets = new Budgets(configs, {
      onMade: (each) => lines.push(each),
      ...(most !== undefined && { most }),
    })
    return { budgets, lines }
  }

  it('is made once for calls alike, and told of then', () => {
    const { budgets, lines } = made([{ per: 'tenant', rpm: 1 }])
    const first = budgets.linesFor({ tenant: 'a', user: 'u' }, TARGET)
    expect(budgets.linesFor({ tenant: 'a', user: 'other' }, 'openai/other')).toBe(first)
    expect(lines).toEqual([first])
  })

  it.each<[string, BudgetConfig, Attributes, Attributes, string]>([
    ['scope', { per: 'user', rpm: 1 }, { user: 'a' }, { user: 'b' }, TARGET],
    ['scopes', { per: ['tenant', 'user'], rpm: 1 }, { user: 'a' }, { user: 'b' }, TARGET],
    [
      'condition',
      { per: 'tenant', when: { plan: 'free' }, rpm: 1 },
      { plan: 'free' },
      { plan: 'paid' },
      TARGET,
    ],
    ['target', { per: 'tenant', when: { target: TARGET }, rpm: 1 }, {}, {}, 'openai/other'],
    ['place of a value', { per: ['user', 'feature'], rpm: 1 }, { user: 'a' }, { feature: 'a' }, TARGET],
  ])('is another for calls of another %s', (_what, config, one, other, target) => {
    const { budgets } = made([config])
    const keys = [budgets.linesFor(one, TARGET), budgets.linesFor(other, target)].map((lines) =>
      lines.map(({ bucket }) => bucket.key),
    )
    expect(keys[0]).not.toEqual(keys[1])
  })

  it('is forgotten when there is too much to remember, and told of anew', () => {
    const { budgets, lines } = made([{ per: 'tenant', rpm: 1 }], 2)
    for (const tenant of ['a', 'b', 'c', 'a']) budgets.linesFor({ tenant }, TARGET)
    expect(lines).toHaveLength(4)
  })
})

describe('budgets as a whole', () => {
  const usd = { unit: 'usd', amount: 5, every: 'month' } as const
  const tokens = { unit: 'tokens', amount: 5, every: 'month' } as const

  it('are some, or none', () => {
    expect([new Budgets([]).some, new Budgets([{ per: 'tenant', rpm: 1 }]).some]).toEqual([false, true])
  })

  it('count money of a target when one does that every call of it has', () => {
    const counts = (...configs: readonly BudgetConfig[]) => new Budgets(configs).countMoneyOf(TARGET)
    const plain = { per: 'tenant', rpm: 1 } as const
    expect(counts(plain, { per: 'tenant', limits: [tokens, usd] })).toBe(true)
    expect(counts({ per: 'tenant', limits: [tokens] })).toBe(false)
    expect(counts({ per: 'tenant', when: { target: [TARGET, 'openai/other'] }, limits: [usd] })).toBe(true)
    expect(counts({ per: 'tenant', when: { target: 'openai/other' }, limits: [usd] })).toBe(false)
    expect(counts({ per: 'tenant', when: { plan: TARGET }, limits: [usd] })).toBe(false)
    expect(counts({ per: 'tenant', when: { target: TARGET, plan: 'free' }, limits: [usd] })).toBe(false)
  })

  it('count runs when one of them is for each', () => {
    const count = (...configs: readonly BudgetConfig[]) => new Budgets(configs).countRuns
    const plain = { per: 'tenant', rpm: 1 } as const
    expect([count(plain), count(plain, { per: ['tenant', 'run'], rpm: 1 })]).toEqual([false, true])
  })

  it('name the values of their conditions', () => {
    const budgets = new Budgets([
      { per: 'tenant', when: { plan: ['free', 'trial'], feature: 'chat' }, rpm: 1 },
      { per: 'user', when: { plan: 'paid' }, rpm: 1 },
      { per: 'user', rpm: 1 },
    ])
    expect([budgets.named('plan'), budgets.named('feature'), budgets.named('task')]).toEqual([
      ['free', 'trial', 'paid'],
      ['chat'],
      [],
    ])
  })

  it('for the same scopes in the same order are told apart, and those for others are not', () => {
    const configs = [
      { per: ['tenant', 'user'], rpm: 1 },
      { per: ['user', 'tenant'], rpm: 1 },
      { per: ['tenant', 'user'], rpm: 1 },
    ] as const
    const lines = new Budgets(configs).linesFor({ tenant: 't', user: 'u' }, TARGET)
    expect(lines.map(({ bucket }) => bucket.key)).toEqual([
      'budget:tenant=t+user=u:requests:60000',
      'budget:user=u+tenant=t:requests:60000',
      'budget#2:tenant=t+user=u:requests:60000',
    ])
  })
})

it('a holder is named so that none can pass for another', () => {
  expect(held('user', 'a:b+tenant=c%')).toBe('user=a%3ab%2btenant%3dc%25')
})
