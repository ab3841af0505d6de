import { PlimsollError } from '../call/errors.ts'
import { NANO_PER_USD } from '../tokens/price.ts'
import type { ChargeLine } from './charges.ts'

/** The call needs more than the bucket holds when it is full. */
export function tooLarge({ bucket, unit, budget }: ChargeLine, amount: number): PlimsollError {
  const what = budget ? 'budget' : 'limit'
  return new PlimsollError({
    code: 'too-large',
    message:
      `The call needs ${shown(unit, amount)} of the ${what} ${bucket.key}, which holds ${shown(unit, bucket.capacity)}: ` +
      `shorten the input, lower \`maxOutputTokens\`, or raise the ${what}.`,
    limit: bucket.key,
  })
}

function shown(unit: ChargeLine['unit'], amount: number): string {
  return unit === 'usd' ? `$${(amount / NANO_PER_USD).toPrecision(3)}` : `${Math.ceil(amount)} ${unit}`
}

/** A budget in dollars has to let in a call that may cost anything. */
export function unknownPrice(target: string, limit: string): PlimsollError {
  return new PlimsollError({
    code: 'unknown-price',
    message:
      `The budget ${limit} counts money, and the price of ${target} is not known: ` +
      "add it to `prices`, or set `onUnknownPrice: 'allow'`.",
    limit,
  })
}

export function budgetsUnavailable(cause: unknown, retryAfterMs: number): PlimsollError {
  const message = 'The budgets of this call could not be looked up: `budgets` failed, or took too long.'
  return new PlimsollError({ code: 'budgets-unavailable', message, retryAfterMs, cause })
}

/** Its wait is expected to pass its deadline. */
export function waitTooLong(limit: string, waitMs: number): PlimsollError {
  return new PlimsollError({
    code: 'wait-too-long',
    message: `The wait for ${limit} is expected to take ${Math.ceil(waitMs)} ms, longer than this call can wait.`,
    retryAfterMs: Math.ceil(waitMs),
    limit,
  })
}

/** Its deadline passed in the queue. */
export function deadlineExceeded(limit: string, waitedMs: number, retryAfterMs: number): PlimsollError {
  return new PlimsollError({
    code: 'deadline-exceeded',
    message: `The call's deadline passed after ${Math.round(waitedMs)} ms of waiting for ${limit}.`,
    retryAfterMs: Math.ceil(retryAfterMs),
    limit,
  })
}

export function queueFull(pool: string, waiting: number, retryAfterMs: number): PlimsollError {
  return new PlimsollError({
    code: 'queue-full',
    message: `${waiting} calls already wait for ${pool}: try again later, or raise \`queue.maxWaiting\`.`,
    retryAfterMs: Math.ceil(retryAfterMs),
  })
}

export function storeUnavailable(pool: string, retryAfterMs: number, cause: unknown): PlimsollError {
  return new PlimsollError({
    code: 'store-unavailable',
    message: `What is left of the limits of ${pool} could not be known: the store keeps failing.`,
    retryAfterMs,
    cause,
  })
}
