import * as v from 'valibot'
import { positive, whole } from '../providers/schema-values.ts'

export const timeouts = v.strictObject({
  attemptMs: v.optional(positive),
  firstContentMs: v.optional(positive),
  betweenChunksMs: v.optional(positive),
  callMs: v.optional(positive),
})
export const retry = v.strictObject({
  maxAttempts: v.optional(whole),
  budget: v.optional(
    v.pipe(
      v.number('use a number from 0 to 1'),
      v.minValue(0, 'use a number from 0 to 1'),
      v.maxValue(1, 'use a number from 0 to 1'),
    ),
  ),
})
const QUANTILE = 'use a number from 0.5 to 0.999'
export const hedge = v.lazy((input) =>
  typeof input === 'object'
    ? v.strictObject({
        quantile: v.pipe(v.number(QUANTILE), v.minValue(0.5, QUANTILE), v.maxValue(0.999, QUANTILE)),
      })
    : v.boolean('use true, false, or an object with a quantile'),
)
export const breaker = v.strictObject({ failures: v.optional(whole), openMs: v.optional(positive) })
