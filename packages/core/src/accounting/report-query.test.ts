import { describe, expect, it } from 'vitest'
import { setUp } from './ledger.fixture.ts'
import type { ReportQuery } from './report-query.ts'

describe('a query that makes no sense', () => {
  it.each([
    [{ by: 'team' }, "`by` is 'team'; use one of tenant, user, feature"],
    [{ by: `tenants-${'x'.repeat(99)}` }, `\`by\` is 'tenants-${'x'.repeat(24)}'; use`],
    [{ by: ['tenant', 'colour'] }, "`by` is 'colour'"],
    [{ every: 'week' }, "`every` is 'week'; use 'minute', 'hour', 'day', or whole minutes"],
    [{ every: 'constructor' }, '`every` is'],
    [{ every: 90_000 }, '`every` is 90000'],
    [{ every: 0 }, '`every` is 0'],
    [{ every: Number.NaN }, '`every` is NaN'],
    [{ every: Infinity }, '`every` is Infinity'],
    [{ since: Number.NaN }, '`since` is NaN; use milliseconds'],
    [{ until: Number.NaN }, '`until` is NaN; use milliseconds'],
  ])('%o is refused, and the mend is named', (query, message) => {
    const { report } = setUp()
    expect(() => report(query as ReportQuery)).toThrow(
      expect.objectContaining({ code: 'invalid-call', message: expect.stringContaining(message) }),
    )
  })
})
