import { disagreement, storeProgram } from '@plimsoll/core/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newPath, storeHere } from './files.fixture.ts'

it('answers whatever it is asked as the store in memory does, and goes on with that after each restart', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 1, max: 200 }),
      fc.uniqueArray(fc.nat(200), { maxLength: 3 }),
      async (seed, length, ends) => {
        const path = newPath()
        const steps = storeProgram(seed, length)
        let store = storeHere(path, steps[0]!.now)
        const reopen = async (now: number) => {
          await store.close()
          store = storeHere(path, now)
          return store
        }
        const before = new Set(ends.map((end) => end % length))
        expect(await disagreement(store, steps, { before, reopen })).toBeUndefined()
        await store.close()
      },
    ),
    { numRuns: 80 },
  )
}, 60_000)
