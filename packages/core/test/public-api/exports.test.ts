import * as core from '@plimsoll/core'
import * as testing from '@plimsoll/core/testing'
import * as tiktoken from '@plimsoll/core/tiktoken'
import { describe, expect, it } from 'vitest'

describe('what can be imported at run time', () => {
  it('from @plimsoll/core is these names and no others', () => {
    expect(Object.keys(core).toSorted()).toEqual([
      'PlimsollError',
      'costUsd',
      'createPlimsoll',
      'deferQueue',
      'errorFacts',
      'providerId',
      'toMetricEvent',
    ])
  })

  it('from @plimsoll/core/tiktoken is these names and no others', () => {
    expect(Object.keys(tiktoken)).toEqual(['countTokens'])
  })

  it('from @plimsoll/core/testing is these names and no others', () => {
    expect(Object.keys(testing).toSorted()).toEqual([
      'MemoryStore',
      'adapterContract',
      'delayedStore',
      'virtualClock',
    ])
  })
})
