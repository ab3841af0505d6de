import type { Bucket, ReserveOp, Told } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { Missed } from './missed.ts'

const BUCKET: Bucket = { key: 'tokens', algorithm: 'token-bucket', capacity: 100, perMs: 60_000 }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 2, perMs: Infinity }
const RESERVE: ReserveOp = {
  type: 'reserve',
  id: 1,
  buckets: [BUCKET],
  amounts: [10],
  leaves: [0],
  holder: 1,
  rank: 0,
  claimable: 0,
  leaseMs: 1_000,
}
const SETTLE: Told = { type: 'settle', id: 1, amounts: [10], refund: true }

/** A store that takes what it is told, or fails to. */
function listener(fails: (type: string) => boolean = () => false) {
  const heard: { type: string; id?: number }[] = []
  return {
    heard,
    types: () => heard.map(({ type }) => type),
    send: async (op: { type: string; id?: number }) => {
      heard.push(op)
      if (fails(op.type)) throw new Error(`no ${op.type}`)
    },
  }
}

describe('what a store has missed', () => {
  it('is told in an order in which nothing is about what it does not know yet', async () => {
    const missed = new Missed()
    missed.tell(SETTLE)
    missed.used([BUCKET], [5])
    missed.adopt({ reserve: RESERVE, acknowledged: true })
    missed.unheard(7)
    const { send, types } = listener()
    await missed.deliver(send)
    expect(types()).toEqual(['cancel', 'adopt', 'acknowledge', 'settle', 'charge'])
    expect(missed.size).toBe(0)
  })

  it('begins with what was settled, where the store has lost all that it held', async () => {
    const missed = new Missed()
    missed.tell(SETTLE, { reserve: RESERVE, acknowledged: true })
    missed.tell({ type: 'cancel', id: 2 })
    missed.adoptSettled()
    const { send, types } = listener()
    await missed.deliver(send)
    expect(types()).toEqual(['adopt', 'acknowledge', 'settle', 'cancel'])
  })

  it('stays as it is where telling fails, and nothing after it is told', async () => {
    const missed = new Missed()
    missed.tell(SETTLE)
    missed.adopt({ reserve: RESERVE, acknowledged: false })
    const { send, types } = listener((type) => type === 'adopt')
    await expect(missed.deliver(send)).rejects.toThrow('no adopt')
    expect([types(), missed.size]).toEqual([['adopt'], 2])
  })

  it('is charged under the same name when it is told again, and what came meanwhile under another', async () => {
    const missed = new Missed()
    missed.used([BUCKET, SLOTS], [5, 1])
    const failing = listener(() => true)
    await expect(missed.deliver(failing.send)).rejects.toThrow('no charge')
    missed.used([BUCKET], [7])
    const { send, heard } = listener()
    await missed.deliver(send)
    expect(heard).toMatchObject([
      { id: failing.heard[0]!.id, buckets: [BUCKET], amounts: [5] },
      { id: failing.heard[0]!.id! + 1, buckets: [BUCKET], amounts: [7] },
    ])
  })

  it('is forgotten where it is of no use later, and bounded', async () => {
    const missed = new Missed()
    for (const type of ['refresh', 'release-slots'] as const) {
      const op = { type, id: 1 }
      missed.tell(op)
      missed.failed(op)
    }
    expect(missed.size).toBe(1)
    for (let id = 0; id < 100_010; id++) missed.tell({ type: 'cancel', id })
    expect(missed.size).toBe(100_000)
  })
})
