import { describe, expect, test } from 'vitest'
import { coldStart, longest } from './cold-start.ts'
import type { Held } from './cold-start.ts'
import type { ColdText } from './cold-texts.ts'

const MOST_TIMES_A_SCAN = 3

/** The nearer to the bar, the more processes. */
const PROCESSES: readonly (readonly [ColdText, number])[] = [
  ['100 KB of one letter', 9],
  ['1 MB of prose', 3],
]

function median(held: readonly Held[]): number {
  return held.map(({ threadMs }) => threadMs).toSorted((a, b) => a - b)[held.length >> 1]!
}

// `bench/cold-start.ts` prints what is behind it.
describe.each(PROCESSES)('%s, given to a process that has just begun', (text, processes) => {
  // Other processes can only make code slower: a bar that is met once can be met.
  test('holds the event loop for three times a scan at most', { retry: 3, timeout: 240_000 }, async () => {
    const runs = await coldStart(text, ['scan', 'estimate'], processes)
    const scanned = median(longest(runs.get('scan')!))
    expect(median(longest(runs.get('estimate')!)) / scanned).toBeLessThanOrEqual(MOST_TIMES_A_SCAN)
  })
})
