import * as v from 'valibot'
import { amount, positive, whole } from '../providers/schema-values.ts'

/** The usual units over the usual windows. */
export const shorthand = {
  rpm: v.optional(amount),
  tpm: v.optional(amount),
  itpm: v.optional(amount),
  otpm: v.optional(amount),
  rpd: v.optional(amount),
  tpd: v.optional(amount),
  concurrency: v.optional(whole),
}
const SHORTHAND = Object.keys(shorthand).join(', ')

export const entry = v.variant(
  'unit',
  [
    v.strictObject({
      unit: v.picklist(['requests', 'tokens', 'input', 'output']),
      amount,
      perMs: positive,
      algorithm: v.optional(
        v.picklist(
          ['token-bucket', 'fixed-window', 'sliding-window'],
          'use one of token-bucket, fixed-window, sliding-window',
        ),
      ),
      burst: v.optional(amount),
    }),
    v.strictObject({ unit: v.literal('slots'), amount: whole }),
  ],
  'use one of requests, tokens, input, output, slots',
)
const entries = v.pipe(
  v.array(entry, 'use a list of limits'),
  v.minLength(1, 'list at least one limit'),
  v.check(
    (list) => list.every((one) => !('burst' in one) || one.algorithm === 'token-bucket'),
    "only a token bucket has a `burst`: set `algorithm: 'token-bucket'`, or remove it",
  ),
  v.check(
    (list) =>
      new Set(list.map((one) => ('perMs' in one ? `${one.unit} ${one.perMs}` : one.unit))).size ===
      list.length,
    'has two limits of the same unit and window: keep the smaller',
  ),
)
export const limits = v.lazy((input) =>
  Array.isArray(input) ? entries : v.strictObject(shorthand, `use a list of limits, or any of ${SHORTHAND}`),
)
