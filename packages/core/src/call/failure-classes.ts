import type { CallState } from './call.ts'
import type { FailureClass } from './outcome.ts'

/** What is done about a failure of one class. */
export interface ClassRule {
  /** Whether the same target is tried again: `requeued` at the front of its tenant's line, without sleeping. */
  readonly here: 'requeued' | 'backoff' | 'once' | 'never'
  /** Whether another target may answer. */
  readonly elsewhere: 'yes' | 'if-too-long' | 'larger-window' | 'never'
  /** What stands still for everyone. */
  readonly pause: 'bucket' | 'credential' | 'no'
  /** What the circuit breaker makes of it. */
  readonly breaker: 'counts' | 'opens-target' | 'opens-credential' | 'no'
  /** Attempts at one target, the first included, where `maxAttempts` is not set. */
  readonly tries: number
}

const BACKOFF: ClassRule = { here: 'backoff', elsewhere: 'yes', pause: 'no', breaker: 'counts', tries: 3 }
/** The request is at fault: it would fail again, here and anywhere. */
const NEVER: ClassRule = { here: 'never', elsewhere: 'never', pause: 'no', breaker: 'no', tries: 1 }

/** The one table that says what each class of failure does. */
export const CLASS_RULES: Readonly<Record<FailureClass, ClassRule>> = {
  'rate-limit': {
    here: 'requeued',
    elsewhere: 'if-too-long',
    pause: 'bucket',
    breaker: 'no',
    tries: Infinity,
  },
  overloaded: BACKOFF,
  server: BACKOFF,
  timeout: { ...BACKOFF, here: 'once', tries: 2 },
  network: BACKOFF,
  'quota-exhausted': { ...NEVER, elsewhere: 'yes', pause: 'credential', breaker: 'opens-credential' },
  auth: { ...NEVER, elsewhere: 'yes', breaker: 'opens-credential' },
  'not-found': { ...NEVER, elsewhere: 'yes', breaker: 'opens-target' },
  'invalid-request': NEVER,
  'too-large': NEVER,
  'context-overflow': { ...NEVER, elsewhere: 'larger-window' },
  'content-filter': NEVER,
  aborted: NEVER,
}

/**
 * How many of a call's attempts count as tries. One that a rate limit turned back does not: it went back to the queue,
 * and waits there.
 */
export function triesOf({ attempts, rateLimited }: Pick<CallState, 'attempts' | 'rateLimited'>): number {
  return attempts - rateLimited
}
