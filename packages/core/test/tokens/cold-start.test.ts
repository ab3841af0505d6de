import { describe, expect, test } from 'vitest'
import { coldStart, longest } from './cold-start.ts'
import type { Held } from './cold-start.ts'
import { COLD_TEXTS } from './cold-texts.ts'
import type { ColdText } from './cold-texts.ts'

const MOST_TIMES_A_SCAN = 3
const PROCESSES = 5

function median(held: readonly Held[]): number {
  return held.map(({ threadMs }) => threadMs).toSorted((a, b) => a - b)[held.length >> 1]!
}

// `bench/cold-start.ts` prints what is behind it.
describe.each(Object.keys(COLD_TEXTS) as ColdText[])('%s, given to a process that has just begun', (text) => {
  // Other processes can only make code slower: a bar that is met once can be met.
  test('holds the event loop for three times a scan at most', { retry: 3, timeout: 120_000 }, () => {
    const runs = coldStart(text, ['scan', 'estimate'], PROCESSES)
    const scanned = median(longest(runs.get('scan')!))
    expect(median(longest(runs.get('estimate')!)) / scanned).toBeLessThanOrEqual(MOST_TIMES_A_SCAN)
  })
})
