import { expect, it } from 'vitest'
import { isFor } from './holder.ts'

it('a budget is for each holder that its key names, and for no other', () => {
  const keys = [
    'budget:tenant=acme:tokens:60000',
    'budget:tenant=acme+user=u:usd:60000',
    'budget-day:user=u+tenant=acme:tokens',
    'budget:tenant=acme2:tokens',
    'budget:tenant=other:tenant=acme',
    'limit:tenant=acme:tokens',
    'my-budget:tenant=acme:tokens',
    'budget',
  ]
  const named = [true, true, true, false, false, false, false, false]
  expect(keys.map((key) => isFor(key, 'tenant=acme'))).toEqual(named)
})
