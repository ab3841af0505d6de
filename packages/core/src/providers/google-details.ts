import { read, readText } from './hostile.ts'

const MOST = 16
const LONGEST = 256

/** What the details of an error (google.rpc) say of a wait and of quotas. Never throws. */
export function googleDetails(details: unknown): {
  /** As `RetryInfo` writes it: `34s`. */
  readonly retryDelay: string | undefined
  /** Of `QuotaFailure`, no more than 16, each of no more than 256 characters. */
  readonly quotaIds: readonly string[]
} {
  let retryDelay: string | undefined
  const quotaIds: string[] = []
  for (const detail of listed(details)) {
    retryDelay ??= readText(detail, 'retryDelay')?.slice(0, LONGEST)
    for (const violation of listed(read(detail, 'violations'))) {
      const id = readText(violation, 'quotaId')
      if (id !== undefined && quotaIds.length < MOST) quotaIds.push(id.slice(0, LONGEST))
    }
  }
  return { retryDelay, quotaIds }
}

/** The first of a list. Read by its length alone: to ask a revoked proxy whether it is a list throws. */
function listed(value: unknown): readonly unknown[] {
  const length = read(value, 'length')
  if (typeof length !== 'number') return []
  return Array.from({ length: Math.min(length, MOST) }, (_, index) => read(value, String(index)))
}
