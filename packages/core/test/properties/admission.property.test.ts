import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delayed, event, memory } from './arbitraries.ts'
import { World } from './world.ts'
import type { Event, WorldOptions } from './world.ts'

const EVERY_KIND = (
  'call advance arrive acknowledge release cancel abort settle settle-again rate-limit headers replan step nested overrun ' +
  'phase-told queued granted rejected aborted deadline-exceeded wait-too-long'
).split(' ')

// Many runs, on machines that may be busy.
describe(
  'any interleaving of calls, aborts, errors, late settles, headers, pauses and clock steps',
  { timeout: 120_000 },
  () => {
    it('exceeds no limit, loses nobody and leaves nothing behind', () => {
      const reached = new Map<string, number>()
      fc.assert(
        fc.property(memory, fc.array(event, { minLength: 20, maxLength: 200 }), (options, events) => {
          const world = run(options, events, reached)
          expect(world.violations).toEqual([])
        }),
        { numRuns: 500 },
      )
      for (const kind of [...EVERY_KIND, 'out of turn'])
        expect(reached.get(kind) ?? 0, kind).toBeGreaterThan(10)
    })

    it('nor does it over a store that answers late, out of time, or not at all', () => {
      const reached = new Map<string, number>()
      fc.assert(
        fc.property(
          memory,
          delayed,
          fc.array(event, { minLength: 20, maxLength: 150 }),
          (options, late, events) => {
            const world = run({ ...options, ...late }, events, reached)
            expect(world.violations).toEqual([])
          },
        ),
        { numRuns: 900 },
      )
      const failures = [
        'failed reserve',
        'failed settle',
        'failed cancel',
        'failed acknowledge',
        'store-unavailable',
      ]
      for (const kind of [...EVERY_KIND, ...failures]) expect(reached.get(kind) ?? 0, kind).toBeGreaterThan(2)
    })
  },
)

function run(options: WorldOptions, events: readonly Event[], reached: Map<string, number>): World {
  const world = new World(options)
  for (const each of events) world.apply(each)
  world.finish()
  for (const [kind, times] of world.reached) reached.set(kind, (reached.get(kind) ?? 0) + times)
  return world
}
