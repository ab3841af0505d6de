import type { Bucket, ReserveOp } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { LocalShare } from './local-share.ts'

const TOKENS: Bucket = { key: 'tokens', algorithm: 'sliding-window', capacity: 100, perMs: 60_000 }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 5, perMs: Infinity }

function setUp(share: number) {
  const local = new LocalShare(share)
  let id = 0
  const op = (bucket: Bucket, amount: number): ReserveOp => {
    const terms = { leaves: [0], holder: 1, rank: 1, claimable: 0, leaseMs: 60_000 }
    return { type: 'reserve', id: ++id, buckets: [bucket], amounts: [amount], ...terms }
  }
  const reserve = (bucket: Bucket, amount: number): unknown => {
    let answer: unknown
    local.send(op(bucket, amount), 0, (given) => {
      answer = given
    })
    return answer
  }
  return { local, op, reserve }
}

describe('a local share', () => {
  it('is that part of a limit, and of slots one at least', () => {
    const { reserve } = setUp(0.1)
    expect([reserve(TOKENS, 10), reserve(SLOTS, 1)]).toEqual([{ kind: 'granted' }, { kind: 'granted' }])
    expect([reserve(TOKENS, 1), reserve(SLOTS, 1)]).toMatchObject([{ kind: 'refused' }, { kind: 'refused' }])
  })

  it('begins with what was used before', () => {
    const { local, op, reserve } = setUp(0.1)
    local.used(op(TOKENS, 10), [7], 0)
    expect([reserve(TOKENS, 4), reserve(TOKENS, 3)]).toMatchObject([{ kind: 'refused' }, { kind: 'granted' }])
  })

  it('turns nothing away for ever that the whole limit could hold', () => {
    const { reserve } = setUp(0.1)
    expect([reserve(TOKENS, 50), reserve(TOKENS, 101)]).toMatchObject([
      { lacks: [{ never: false }] },
      { lacks: [{ never: true }] },
    ])
  })
})
