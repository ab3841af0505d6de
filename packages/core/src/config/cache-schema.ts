import * as v from 'valibot'
import { fn, name, positive, whole } from '../providers/schema-values.ts'

const SIMILARITY = 'use a number above 0, up to 1'
const semantic = v.strictObject({
  embed: fn,
  threshold: v.pipe(v.number(SIMILARITY), v.gtValue(0, SIMILARITY), v.maxValue(1, SIMILARITY)),
  deadlineMs: v.optional(positive),
})
export const taskCache = v.strictObject({
  ttlMs: positive,
  staleWhileRevalidateMs: v.optional(positive),
  staleIfErrorMs: v.optional(positive),
  scope: v.optional(v.picklist(['tenant', 'shared'], "use 'tenant' or 'shared'")),
  semantic: v.optional(semantic),
})
export const cache = v.pipe(
  v.strictObject({
    secret: v.optional(v.pipe(name, v.minLength(16, 'use at least 16 characters that nobody can guess'))),
    store: v.optional(v.looseObject({ get: fn, set: fn }, 'use a Keyv, or what is shaped like one')),
    maxEntries: v.optional(whole),
    maxBytes: v.optional(whole),
    maxEntryBytes: v.optional(whole),
    deadlineMs: v.optional(positive),
    encryptionKey: v.optional(
      v.pipe(
        v.instance(Uint8Array, 'use 32 bytes'),
        v.check((bytes) => bytes.length === 32, 'use 32 bytes, such as randomBytes(32)'),
      ),
    ),
  }),
  v.check(
    ({ store, secret }) => store === undefined || secret !== undefined,
    'set `secret` too: without it no other process, nor this one when it starts anew, finds what is in the store',
  ),
)
