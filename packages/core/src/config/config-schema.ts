import * as v from 'valibot'
import { providerProfile } from '../providers/profile-schema.ts'
import { flag, fn, name, positive, whole } from '../providers/schema-values.ts'
import { priceTableSchema } from '../tokens/price-table.ts'
import { budget } from './budgets-schema.ts'
import { cache } from './cache-schema.ts'
import { limits } from './limits-schema.ts'
import { breaker, hedge, retry, timeouts } from './policy-schema.ts'
import { features, tasks, workflows } from './task-schema.ts'

const target = v.strictObject({
  provider: v.optional(name),
  model: v.optional(name),
  credential: v.optional(name),
  pool: v.optional(name),
  contextTokens: v.optional(whole),
  lacks: v.optional(
    v.array(v.picklist(['tools', 'files', 'schema'], 'use tools, files or schema'), 'use a list'),
  ),
  limits: v.optional(
    v.lazy((input) => (typeof input === 'string' ? v.literal('learn', "use 'learn', or limits") : limits)),
  ),
})

const settings = {
  targets: v.optional(v.record(name, target)),
  providers: v.optional(v.array(providerProfile, 'use a list of providers')),
  pools: v.optional(v.record(name, v.strictObject({ limits }))),
  budgets: v.optional(
    v.lazy((input) =>
      typeof input === 'function' ? fn : v.array(budget, 'use a list of budgets, or a function'),
    ),
  ),
  budgetsTtlMs: v.optional(positive),
  prices: v.optional(v.lazy((input) => (typeof input === 'function' ? fn : priceTableSchema))),
  onUnknownPrice: v.optional(v.picklist(['refuse', 'allow'], "use 'refuse' or 'allow'")),
  strict: v.optional(flag),
  queue: v.optional(
    v.strictObject({
      maxWaiting: v.optional(whole),
      maxWaitMs: v.optional(positive),
      ageMs: v.optional(positive),
      refuse: v.optional(v.picklist(['expected', 'certain'], "use 'expected' or 'certain'")),
      weight: v.optional(fn),
    }),
  ),
  retry: v.optional(retry),
  timeouts: v.optional(timeouts),
  hedge: v.optional(hedge),
  breaker: v.optional(breaker),
  tasks,
  classifyTask: v.optional(fn),
  workflows,
  features,
}
/** What `createPlimsoll` is given. */
export const config = v.strictObject({
  ...settings,
  leaseMs: v.optional(positive),
  onEvent: v.optional(fn),
  cache: v.optional(cache),
  store: v.optional(v.looseObject({ send: fn })),
  maxKeys: v.optional(whole),
  clock: v.optional(v.looseObject({ now: fn, timer: fn, random: fn })),
})
/** What `plimsoll.update` is given. */
export const update = v.strictObject(settings)
/** What a look-up of budgets gave. */
export const budgets = v.strictObject({ budgets: v.array(budget, 'use a list of budgets') })
