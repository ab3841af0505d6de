import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { googleDetails } from './google-details.ts'

const NOTHING = { retryDelay: undefined, quotaIds: [] }

test('the first delay, and every quota', () => {
  expect(
    googleDetails([
      { violations: [{ quotaId: 'a' }, { quotaId: 'b' }] },
      { retryDelay: '1s' },
      { retryDelay: '2s', violations: [{ quotaId: 'c' }] },
    ]),
  ).toEqual({ retryDelay: '1s', quotaIds: ['a', 'b', 'c'] })
})

test.each([
  [undefined],
  ['details'],
  [{ retryDelay: '1s' }],
  [[]],
  [[null, 5, 'x', { retryDelay: 34 }, { retryDelay: '' }, { violations: 'x' }, { violations: [null, {}] }]],
  [[{ violations: [{ quotaId: 5 }, { quotaId: '' }] }]],
])('nothing of %j', (details) => {
  expect(googleDetails(details)).toEqual(NOTHING)
})

test('no more than sixteen of anything, and no more than 256 characters', () => {
  const violations = Array.from({ length: 10 }, (_, index) => ({ quotaId: String(index) }))
  expect(googleDetails([{ violations }, { violations }]).quotaIds).toHaveLength(16)
  const many = Array.from({ length: 20 }, (_, index) => ({ quotaId: String(index) }))
  expect(googleDetails([{ violations: many }]).quotaIds.at(-1)).toBe('15')
  const late = [...Array.from({ length: 15 }, () => ({})), { retryDelay: '1s' }]
  expect(googleDetails(late).retryDelay).toBe('1s')
  expect(googleDetails([{}, ...late]).retryDelay).toBe(undefined)
  const long = googleDetails([{ retryDelay: 'x'.repeat(999), violations: [{ quotaId: 'y'.repeat(999) }] }])
  expect([long.retryDelay?.length, long.quotaIds[0]?.length]).toEqual([256, 256])
})

test('getters that throw, proxies that are revoked, and anything else', () => {
  const thrower = () => {
    throw new Error('trap')
  }
  const { proxy, revoke } = Proxy.revocable([], {})
  revoke()
  const withLength = new Proxy([], { get: (_, key) => (key === 'length' ? 3 : thrower()) })
  for (const details of [proxy, withLength, new Proxy([], { get: thrower }), [{ violations: proxy }, proxy]])
    expect(googleDetails(details)).toEqual(NOTHING)
  for (const length of [Number.NaN, -1, '3'])
    expect(googleDetails({ length, 0: { retryDelay: '1s' } })).toEqual(NOTHING)
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (details) => {
      expect(googleDetails(details).quotaIds).toBeInstanceOf(Array)
    }),
  )
})
