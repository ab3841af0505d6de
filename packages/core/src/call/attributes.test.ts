import { describe, expect, it } from 'vitest'
import { checkAttributes, checkCount, mergeAttributes, priorityOf, untrusted } from './attributes.ts'
import type { Attributes } from './attributes.ts'

const WHOLE: Attributes = {
  tenant: 'acme',
  user: 'u-1',
  feature: 'chat',
  task: 'summarise',
  workflow: 'answer',
  run: 'r-1',
  step: 'draft',
  priority: 'low',
  mode: 'background',
  risk: 'high',
  plan: 'free',
  promptVersion: 'v12',
  documentIds: ['d1', 'd2'],
  toolVersions: { search: '3' },
  permissions: ['read'],
}

describe('attributes', () => {
  it('that are as they should be stay as they are; keys that are none are dropped', () => {
    expect(checkAttributes({ ...WHOLE, colour: 'red' } as Attributes)).toEqual(WHOLE)
  })

  it.each([
    ['tenant', '', "`tenant` is ''; use a non-empty string"],
    ['user', 5, '`user` is 5; use a non-empty string'],
    ['task', { a: 1 }, '`task` is an object; use a non-empty string'],
    ['feature', 'x'.repeat(257), '`feature` has 257 characters; use at most 256'],
    ['run', 'a\nb', '`run` has control characters; remove them'],
    ['priority', 'urgent', "`priority` is 'urgent'; use one of high, medium, low"],
    ['mode', 'batch', "`mode` is 'batch'; use one of interactive, background"],
    ['risk', 3, '`risk` is 3; use one of low, medium, high'],
    ['documentIds', 'd1', "`documentIds` is 'd1'; use a list of strings"],
    ['documentIds', ['d1', ''], "`documentIds[1]` is ''; use a non-empty string"],
    ['permissions', Array.from({ length: 257 }, () => 'x'), '`permissions` has 257 entries; use at most 256'],
    ['toolVersions', ['3'], '`toolVersions` is an object; use an object from tool to version'],
    ['toolVersions', { search: 3 }, '`toolVersions.search` is 3; use a non-empty string'],
  ])('that are not are refused, naming the attribute and the mend: %s', (name, value, message) => {
    expect(() => checkAttributes({ [name]: value } as Attributes)).toThrow(
      expect.objectContaining({ code: 'invalid-call', message: expect.stringContaining(message) }),
    )
  })

  it('take `__proto__` for a name like any other', () => {
    const toolVersions = JSON.parse('{"__proto__":"1"}') as Record<string, string>
    const checked = checkAttributes({ toolVersions, tenant: '__proto__' })
    expect(Object.entries(checked.toolVersions!)).toEqual([['__proto__', '1']])
    expect(checked.tenant).toBe('__proto__')
  })
})

describe('what a client may have said', () => {
  it('is heard only of what describes a call', () => {
    const { task, feature, step, promptVersion, documentIds, toolVersions } = WHOLE
    expect(untrusted(WHOLE)).toEqual({ task, feature, step, promptVersion, documentIds, toolVersions })
  })

  it('is left out where it is not as it should be, and nobody is told', () => {
    expect(untrusted({ task: '', feature: 'x'.repeat(300), step: 'ok' })).toEqual({ step: 'ok' })
  })

  it('breaks nothing by what reading it does, nor by what it inherits', () => {
    const hostile = {
      get task(): string {
        throw new Error('hostile')
      },
      step: 'ok',
    }
    expect(untrusted(hostile)).toEqual({ step: 'ok' })
    expect(untrusted(Object.create({ task: 'inherited' }) as Attributes)).toEqual({})
  })
})

it('inner attributes win where they say something', () => {
  const outer = { tenant: 'outer', user: 'outer' }
  const inner = { tenant: 'inner', user: undefined, task: 't' } as unknown as Attributes
  expect(mergeAttributes(outer, inner)).toEqual({ tenant: 'inner', user: 'outer', task: 't' })
  expect(mergeAttributes(outer, undefined)).toBe(outer)
})

it('a priority follows from the mode where it is not given', () => {
  const of = [
    {},
    { mode: 'interactive' },
    { mode: 'background' },
    { mode: 'background', priority: 'high' },
  ] as const
  expect(of.map(priorityOf)).toEqual(['medium', 'high', 'low', 'high'])
})

it('a count of tokens is finite and not negative, or absent', () => {
  for (const value of [0, 1, 0.5, undefined]) expect(() => checkCount('inputTokens', value)).not.toThrow()
  for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => checkCount('inputTokens', value)).toThrow(/`inputTokens` is .*; use a finite number/)
  }
})
