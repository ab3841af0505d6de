import { expect, it } from 'vitest'
import { Ledger } from '../../src/accounting/ledger.ts'
import { callRecord } from '../../src/accounting/record.fixture.ts'

it('a report over very many tenants keeps to its bound, loses no call, and knows who calls most', () => {
  const ledger = new Ledger({ maxCells: 2_000 })
  const calls = 200_000
  let now = 0
  let largest = 0
  for (let call = 0; call < calls; call++) {
    if (call % 1_000 === 0) now = call * 50
    const tenant = call % 10 === 0 ? 'acme' : `tenant-${call}`
    ledger.add(callRecord({ attributes: { tenant } }), now)
    largest = Math.max(largest, ledger.size)
  }
  expect(largest).toBeLessThanOrEqual(2_000)
  const { rows, collapsed } = ledger.report({ by: 'tenant' }, now)
  expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(calls)
  expect(rows[0]).toMatchObject({ key: { tenant: '(other)' }, requests: collapsed })
  expect(rows[1]).toMatchObject({ key: { tenant: 'acme' }, requests: calls / 10 })
})
