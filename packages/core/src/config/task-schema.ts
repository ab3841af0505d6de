import * as v from 'valibot'
import { taskCache } from './cache-schema.ts'
import { hedge, retry, timeouts } from './policy-schema.ts'
import { flag, fn, name, positive, whole } from '../providers/schema-values.ts'

const targets = v.pipe(v.array(name, 'use a list of targets'), v.minLength(1, 'name at least one target'))
const SHARE = 'use a number from 0 to 1'
const share = v.pipe(v.number(SHARE), v.minValue(0, SHARE), v.maxValue(1, SHARE))
const diet = v.pipe(
  v.strictObject({
    name,
    maxInputTokens: v.optional(whole),
    maxHistoryTokens: v.optional(whole),
    maxToolResultTokens: v.optional(whole),
    maxDocumentTokens: v.optional(whole),
    summariseBy: v.optional(fn),
  }),
  v.check(
    (given) => Object.keys(given).some((field) => field.startsWith('max')),
    'cuts nothing: add maxInputTokens, maxHistoryTokens, maxToolResultTokens or maxDocumentTokens',
  ),
)

const message = { message: name, object: v.optional(v.unknown()) }
const shorter = v.pipe(
  v.strictObject({ maxOutputTokens: v.optional(whole), diet: v.optional(diet) }),
  v.check(
    ({ maxOutputTokens, diet: given }) => maxOutputTokens !== undefined || given !== undefined,
    "is no rung: use 'stale', 'partial', { target }, { maxOutputTokens, diet }, { message } or { defer }",
  ),
)
/** By the field that says which it is, so that what is wrong with it is told of that one. */
const rung = v.lazy((input) => {
  if (typeof input !== 'object' || input === null)
    return v.picklist(
      ['stale', 'partial'],
      "use 'stale', 'partial', or an object such as { target } or { message }",
    )
  if ('target' in input) return v.strictObject({ target: name })
  if ('defer' in input) {
    const defer = v.looseObject({ push: fn }, 'use a queue, such as deferQueue()')
    return v.strictObject({ defer, message: v.optional(name), object: v.optional(v.unknown()) })
  }
  return 'message' in input ? v.strictObject(message) : shorter
})

const fields = {
  targets: v.optional(targets),
  strategy: v.optional(
    v.picklist(['order', 'headroom', 'cost', 'latency'], 'use order, headroom, cost or latency'),
  ),
  maxOutputTokens: v.optional(whole),
  maxWaitMs: v.optional(positive),
  diet: v.optional(diet),
  timeouts: v.optional(timeouts),
  retry: v.optional(retry),
  hedge: v.optional(hedge),
  cache: v.optional(taskCache),
  coalesce: v.optional(flag),
  promptCache: v.optional(flag),
  degrade: v.optional(v.array(rung, 'use a list of rungs')),
  risk: v.optional(v.picklist(['low', 'medium', 'high'], 'use low, medium or high')),
  validate: v.optional(fn),
  escalate: v.optional(targets),
  shadow: v.optional(v.strictObject({ target: name, share })),
}
const task = v.strictObject({ ...fields, plans: v.optional(v.record(name, v.strictObject(fields))) })
export const tasks = v.optional(v.record(name, task))

const step = v.strictObject({
  timeoutMs: v.optional(positive),
  optional: v.optional(flag),
  task: v.optional(name),
})
export const workflows = v.optional(
  v.record(
    name,
    v.strictObject({ deadlineMs: v.optional(positive), steps: v.optional(v.record(name, step)) }),
  ),
)

export const features = v.optional(
  v.lazy((input) => (typeof input === 'function' ? fn : v.record(name, v.strictObject({ enabled: flag })))),
)
