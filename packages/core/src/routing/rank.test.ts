import { expect, it } from 'vitest'
import { ranked } from './rank.ts'
import type { Outlook } from './rank.ts'

const outlook = (one: Partial<Outlook> = {}): Outlook => ({
  waitMs: 0,
  room: 1,
  costUsd: undefined,
  latencyMs: undefined,
  ...one,
})
const NAMES = ['a', 'b', 'c']

it.each([
  ['headroom', [{ waitMs: 5 }, { waitMs: 0, room: 0.1 }, { waitMs: 0, room: 0.9 }], 'cba'],
  ['headroom', [{ waitMs: Infinity, room: 0 }, { waitMs: Infinity, room: 0 }, { waitMs: 9e9 }], 'cab'],
  ['headroom', [{}, {}, {}], 'abc'],
  ['cost', [{}, { costUsd: 2 }, { costUsd: 1 }], 'cba'],
  ['cost', [{ costUsd: 0 }, { costUsd: 0, waitMs: 5 }, {}], 'abc'],
  ['cost', [{ waitMs: 5 }, {}, { costUsd: 0, waitMs: 9 }], 'cba'],
  ['latency', [{ latencyMs: 5 }, { latencyMs: 1, waitMs: 9 }, {}], 'cab'],
  ['latency', [{ latencyMs: 5, room: 0 }, { latencyMs: 5 }, { latencyMs: 4 }], 'cba'],
] as const)('%s of %j: %s', (strategy, outlooks, expected) => {
  expect(ranked(NAMES, outlooks.map(outlook), strategy).join('')).toBe(expected)
})
