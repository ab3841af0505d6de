import { expect, it } from 'vitest'
import { BegunRuns } from './begun-runs.ts'

it('a run is under way from its first call to its end', () => {
  const runs = new BegunRuns()
  expect([runs.has('run'), runs.begin('run'), runs.begin('run'), runs.has('run')]).toEqual([
    false,
    true,
    false,
    true,
  ])
  runs.end('run')
  expect([runs.has('run'), runs.begin('run')]).toEqual([false, true])
})

it('a call without a run belongs to none', () => {
  expect(new BegunRuns().has(undefined)).toBe(false)
})

it('of too many the longest silent is forgotten', () => {
  const runs = new BegunRuns()
  runs.begin('silent')
  runs.begin('busy')
  for (let run = 0; run < 9_998; run++) runs.begin(String(run))
  runs.begin('busy')
  runs.begin('one more')
  expect([runs.has('silent'), runs.has('busy'), runs.has('0')]).toEqual([false, true, true])
})
