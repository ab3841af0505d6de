import { describe, expect, it } from 'vitest'
import type { Finish } from '../call/host.ts'
import type { End } from '../call/outcome.ts'
import { isWorthKeeping, unbilled } from './worth.ts'

const end = (how: End['how'], finish?: Finish): End => ({
  how,
  usage: {},
  exact: true,
  ...(finish === undefined ? {} : { finish }),
})

describe('what is worth keeping', () => {
  it.each([
    [end('finished'), true],
    [end('finished', 'stop'), true],
    [end('finished', 'tool-calls'), true],
    [end('finished', 'length'), false],
    [end('finished', 'content-filter'), false],
    [end('finished', 'error'), false],
    [end('finished', 'other'), false],
    [end('finished', 'interrupted'), false],
    [end('interrupted', 'stop'), false],
    [end('aborted', 'stop'), false],
    [end('failed', 'stop'), false],
    [end('abandoned', 'stop'), false],
  ])('%j: %s', (over, expected) => {
    expect(isWorthKeeping({}, over)).toBe(expected)
  })

  it('is no lesser answer, and none that was kept or shared before', () => {
    const whole = end('finished', 'stop')
    expect(isWorthKeeping({ degraded: 'shorter' }, whole)).toBe(false)
    expect(isWorthKeeping({ cache: 'joined' }, whole)).toBe(false)
    expect(isWorthKeeping({ fallback: true, diet: 'short', estimated: true }, whole)).toBe(true)
  })
})

it('what is served from a cache costs nothing, and ends as it did', () => {
  const nothing = { usage: { inputTokens: 0, outputTokens: 0 }, exact: true, costUsd: 0 }
  expect(unbilled(end('finished', 'stop'))).toEqual({ how: 'finished', finish: 'stop', ...nothing })
  expect(unbilled({ how: 'aborted' })).toEqual({ how: 'aborted', ...nothing })
  expect('finish' in unbilled({ how: 'aborted' })).toBe(false)
})
