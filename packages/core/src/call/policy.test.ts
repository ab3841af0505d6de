import { expect, it } from 'vitest'
import type { Call } from './call.ts'
import type { Outcome } from './outcome.ts'
import { compose, passThrough } from './policy.ts'
import type { Policy } from './policy.ts'

const ABORTED: Outcome<never> = { kind: 'aborted', reason: 'done' }
const call = { target: '' } as Call<unknown>

it('policies go around each other in their order, the first outermost', async () => {
  const told: string[] = []
  const named = (name: string): Policy => ({
    name,
    async run(given, next) {
      told.push(`${name} in ${given.target}`)
      const outcome = await next({ ...given, target: `${given.target}${name}` })
      told.push(`${name} out`)
      return outcome
    },
  })
  const order = compose([named('a'), passThrough('nothing'), named('b')], async ({ target }) => {
    told.push(`last ${target}`)
    return ABORTED
  })
  expect(await order(call)).toBe(ABORTED)
  expect(told).toEqual(['a in ', 'b in a', 'last ab', 'b out', 'a out'])
})

it('a policy may ask what comes next as often as it likes, or never', async () => {
  let asked = 0
  const twice: Policy = { name: 'twice', run: async (given, next) => (await next(given), next(given)) }
  const never: Policy = { name: 'never', run: async () => ABORTED }
  const last = async () => (asked++, ABORTED)
  await compose([twice], last)(call)
  await compose([never], last)(call)
  expect(asked).toBe(2)
})
