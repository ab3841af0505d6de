import type { Bucket, ReserveOp } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { Claims } from './claims.ts'

const [POOL, BUDGET] = ['pool', 'budget'].map((key): Bucket => ({
  key,
  algorithm: 'token-bucket',
  capacity: 100,
  perMs: 1_000,
})) as [Bucket, Bucket]

const by = (holder: number, claimable = 1): ReserveOp => ({
  type: 'reserve',
  id: 1,
  buckets: [POOL, BUDGET],
  amounts: [1, 1],
  leaves: [0, 0],
  holder,
  rank: 1,
  claimable,
  leaseMs: 1_000,
})

describe('a claim in the store', () => {
  it('is given up once by who was refused and is let in here, of the buckets it may be laid on', () => {
    const claims = new Claims()
    claims.refused(by(1))
    expect(claims.toGiveUp(by(2))).toBeUndefined()
    expect(claims.toGiveUp(by(1))).toEqual({ type: 'unclaim', holder: 1, buckets: [POOL] })
    expect(claims.toGiveUp(by(1))).toBeUndefined()
  })

  it('is none of who may lay none, and of who was granted by the store since', () => {
    const claims = new Claims()
    claims.refused(by(1, 0))
    claims.refused(by(2))
    claims.granted(by(2))
    expect([claims.toGiveUp(by(1)), claims.toGiveUp(by(2))]).toEqual([undefined, undefined])
  })
})
