import { expect, it } from 'vitest'
import type { Host } from '../call/host.ts'
import { Latencies } from './latencies.ts'

const of = (target: string, kind: Host<unknown>['kind'] = 'call') => ({ target, host: { kind } })

it('a time gives way to newer ones by a fifth', () => {
  const latencies = new Latencies()
  latencies.learn(of('a'), 1_000, 0)
  expect(latencies.of(of('a'), 0)).toBe(1_000)
  latencies.learn(of('a'), 500, 10)
  expect(latencies.of(of('a'), 10)).toBe(900)
  latencies.learn(of('a'), 900, 20)
  expect(latencies.of(of('a'), 20)).toBe(900)
})

it('nothing is known of who has not answered for a minute', () => {
  const latencies = new Latencies()
  latencies.learn(of('a'), 1_000, 0)
  expect(latencies.of(of('a'), 60_000)).toBe(1_000)
  expect(latencies.of(of('a'), 60_001)).toBeUndefined()
})

it('what is learnt again after that owes nothing to what was', () => {
  const latencies = new Latencies()
  latencies.learn(of('a'), 1_000, 0)
  latencies.learn(of('a'), 100, 60_001)
  expect(latencies.of(of('a'), 60_001)).toBe(100)
})

it('each answer renews it', () => {
  const latencies = new Latencies()
  latencies.learn(of('a'), 1_000, 0)
  latencies.learn(of('a'), 1_000, 60_000)
  expect(latencies.of(of('a'), 120_000)).toBe(1_000)
})

it('targets, and kinds of answers, are told apart', () => {
  const latencies = new Latencies()
  latencies.learn(of('a', 'stream'), 100, 0)
  latencies.learn(of('a', 'generate'), 2_000, 0)
  expect(latencies.of(of('a', 'stream'), 0)).toBe(100)
  expect(latencies.of(of('a', 'generate'), 0)).toBe(2_000)
  expect(latencies.of(of('a', 'embed'), 0)).toBeUndefined()
  expect(latencies.of(of('b', 'stream'), 0)).toBeUndefined()
})

it('a minute to the millisecond is still of late', () => {
  const latencies = new Latencies()
  latencies.learn(of('a'), 1_000, 30_000)
  latencies.learn(of('a'), 500, 90_000)
  expect(latencies.of(of('a'), 90_000)).toBe(900)
})
