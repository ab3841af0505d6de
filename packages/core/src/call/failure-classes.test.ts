import { expect, it } from 'vitest'
import { CLASS_RULES, triesOf } from './failure-classes.ts'
import type { ClassRule } from './failure-classes.ts'
import type { FailureClass } from './outcome.ts'

type Row = [FailureClass, ...ClassRule[keyof ClassRule][]]

it('the table of classes is this one', () => {
  const rows: Row[] = Object.entries(CLASS_RULES).map(
    ([name, { here, elsewhere, pause, breaker, tries }]) => [
      name as FailureClass,
      here,
      elsewhere,
      pause,
      breaker,
      tries,
    ],
  )
  expect(rows).toEqual([
    ['rate-limit', 'requeued', 'if-too-long', 'bucket', 'no', Infinity],
    ['overloaded', 'backoff', 'yes', 'no', 'counts', 3],
    ['server', 'backoff', 'yes', 'no', 'counts', 3],
    ['timeout', 'once', 'yes', 'no', 'counts', 2],
    ['network', 'backoff', 'yes', 'no', 'counts', 3],
    ['quota-exhausted', 'never', 'yes', 'credential', 'opens-credential', 1],
    ['auth', 'never', 'yes', 'no', 'opens-credential', 1],
    ['not-found', 'never', 'yes', 'no', 'opens-target', 1],
    ['invalid-request', 'never', 'never', 'no', 'no', 1],
    ['too-large', 'never', 'never', 'no', 'no', 1],
    ['context-overflow', 'never', 'larger-window', 'no', 'no', 1],
    ['content-filter', 'never', 'never', 'no', 'no', 1],
    ['aborted', 'never', 'never', 'no', 'no', 1],
  ])
})

it('an attempt that a rate limit turned back is no try', () => {
  expect(triesOf({ attempts: 5, rateLimited: 3 })).toBe(2)
})
