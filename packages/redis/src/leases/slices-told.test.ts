import type { Bucket, ReserveOp } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import type { LeaseOp } from './lease-op.ts'
import { Slices } from './slices.ts'

const TOKENS: Bucket = { key: 'tokens', algorithm: 'token-bucket', capacity: 10_000, perMs: 60_000 }
const SLOTS: Bucket = { key: 'slots', algorithm: 'slots', capacity: 1_000, perMs: Infinity }

function setUp() {
  const slices = new Slices({ share: 0.1, ttlMs: 100 })
  const held = new Map<string, number>()
  let ids = 0
  const opOf = (amount: number, rest: Partial<ReserveOp> = {}): ReserveOp => {
    const buckets = rest.buckets ?? [TOKENS]
    const amounts = buckets.map(({ algorithm }) => (algorithm === 'slots' ? 1 : amount))
    const terms = { holder: 1, rank: 1, claimable: 1, leaseMs: 60_000 }
    return { type: 'reserve', id: ++ids, buckets, amounts, leaves: buckets.map(() => 0), ...terms, ...rest }
  }
  /** The id of one that was let in. */
  const reserve = (now: number, amount = 10, rest?: Partial<ReserveOp>): number | undefined => {
    const op = opOf(amount, rest)
    return slices.reserve(op, now) ? op.id : undefined
  }
  /** The store has heard it, and gives what is wanted. */
  const answer = (op: LeaseOp, now: number): readonly string[] => {
    const answers = op.slices.map(({ bucket, dropped, returned, wanted }) => {
      const parted = op.parts.flatMap(({ entries }) => entries).filter((one) => one.key === bucket.key)
      const gone = parted.reduce((sum, one) => sum + (one.held ? one.amount : 0), dropped + returned)
      held.set(bucket.key, (held.get(bucket.key) ?? 0) - gone + wanted)
      return { held: held.get(bucket.key)!, born: '1', wanted: false, kept: true }
    })
    return slices.heard({ kind: 'leased', at: now, slices: answers }, now)
  }
  const tellAll = (now: number) => answer(slices.tell(now)!, now)
  /** Until calls are let in here. */
  const warm = (rest?: Partial<ReserveOp>): void => {
    for (let times = 0; times < 8; times++) reserve(0, 10, rest)
    tellAll(0)
  }
  const settle = (id: number | undefined, now: number, amount: number) =>
    slices.told({ type: 'settle', id: id!, amounts: [amount], refund: true }, now)
  return { slices, held, opOf, reserve, answer, tellAll, warm, settle }
}

describe('slices that are asked about', () => {
  it('know what is held and free of a bucket, and nothing of others', () => {
    const { slices, reserve, warm } = setUp()
    for (let times = 0; times < 3; times++) reserve(0)
    const before = slices.holds('tokens')
    warm()
    expect([before, slices.holds('tokens'), slices.holds('other')]).toEqual([false, true, false])
    expect([slices.free('tokens', 99), slices.free('tokens', 100), slices.free('other', 0)]).toEqual([
      360, 0, 0,
    ])
  })

  it('know the calls that they let in, until those are over', () => {
    const { slices, opOf, warm, settle } = setUp()
    warm()
    const op = opOf(10)
    slices.reserve(op, 1)
    expect([slices.openOf(op.id), slices.openOf(99)]).toEqual([op, undefined])
    settle(op.id, 2, 10)
    expect([slices.openOf(op.id), slices.has(op.id)]).toEqual([undefined, false])
  })

  it('are begun for what is hot alone', () => {
    const { slices, reserve } = setUp()
    for (let nth = 0; nth < 5_000; nth++) reserve(0, 10, { buckets: [{ ...TOKENS, key: `${nth}` }] })
    expect(slices.size).toBe(0)
    const { slices: others, reserve: ask } = setUp()
    for (const amount of [251, 251, 251]) ask(0, amount)
    expect(others.size).toBe(0)
    ask(0, 250)
    expect(others.size).toBe(1)
  })

  it('let in none that is made inside of another: it may borrow of what only the store knows', () => {
    const { reserve, warm } = setUp()
    warm()
    expect([reserve(1, 10, { parent: 1 }), reserve(1)]).toEqual([undefined, expect.any(Number)])
  })

  it('are asked for more where one of a call lacks, and not where another has enough', () => {
    const { slices, reserve, warm } = setUp()
    const buckets = [TOKENS, SLOTS]
    warm({ buckets })
    for (let times = 0; times < 24; times++) reserve(1, 10, { buckets: [SLOTS] })
    expect(reserve(1, 10, { buckets })).toBeUndefined()
    expect(slices.tell(1)!.slices.map(({ bucket }) => bucket)).toEqual([SLOTS])
  })
})

describe('what comes of calls that were let in from slices', () => {
  it('is told soon, with a number higher than the last', () => {
    const { slices, reserve, warm, settle } = setUp()
    warm()
    const before = slices.urgency
    settle(reserve(1), 2, 5)
    expect([before, slices.urgency]).toEqual([undefined, 'soon'])
    const op = slices.tell(3)!
    expect(op).toMatchObject({ type: 'lease', seq: 2 })
    expect([slices.out, slices.urgency]).toEqual([op, undefined])
    expect(setUp().slices.out).toBeUndefined()
  })

  it('is told soon, too, where it came while another word was on its way', () => {
    const { slices, reserve, warm, settle, answer } = setUp()
    warm()
    const ids = [1, 2].map(() => reserve(1))
    settle(ids[0], 2, 10)
    const op = slices.tell(3)!
    settle(ids[1], 3, 10)
    answer(op, 4)
    expect(slices.urgency).toBe('soon')
  })

  it('is told soon, too, where it is more than one word holds', () => {
    const { slices, reserve, warm, settle, tellAll } = setUp()
    warm()
    const ids = Array.from({ length: 501 }, () => {
      const id = reserve(1, 1)
      slices.told({ type: 'acknowledge', id: id! }, 1)
      tellAll(1)
      return id
    })
    for (const id of ids) settle(id, 2, 0)
    expect(slices.tell(2)!.slices[0]!.corrections).toHaveLength(500)
    slices.heard(
      { kind: 'leased', at: 2, slices: [{ held: 1_000, born: '1', wanted: false, kept: true }] },
      2,
    )
    expect([slices.urgency, slices.tell(3)?.slices[0]?.corrections.length]).toEqual(['soon', 1])
  })

  it('is soon that one is alive, where its lease is to be renewed', () => {
    const { slices, reserve, warm } = setUp()
    warm()
    const id = reserve(1)!
    const urgencies = [7_499, 7_500].map((now) => {
      slices.told({ type: 'refresh', id }, now)
      return slices.urgency
    })
    expect(urgencies).toEqual([undefined, 'soon'])
  })

  it('is nothing of a call that is not known', () => {
    const { slices, warm } = setUp()
    warm()
    slices.told({ type: 'cancel', id: 99 }, 1)
    expect(slices.urgency).toBeUndefined()
  })

  it('is what it held, free again at once: of a call that was not sent, or a slot that it needs no more', () => {
    const { slices, reserve, warm } = setUp()
    const buckets = [TOKENS, SLOTS]
    warm({ buckets })
    const id = reserve(1, 10, { buckets })!
    slices.told({ type: 'release-slots', id }, 2)
    expect([slices.free('tokens', 2), slices.free('slots', 2)]).toEqual([230, 24])
    slices.told({ type: 'cancel', id }, 2)
    expect([slices.free('tokens', 2), slices.free('slots', 2)]).toEqual([240, 24])
  })

  it('may give others a chance, in the buckets that are named', () => {
    const { reserve, warm, settle, tellAll } = setUp()
    warm()
    const ids = [1, 2].map(() => reserve(1))
    settle(ids[0], 2, 10)
    const whole = tellAll(3)
    settle(ids[1], 4, 9)
    expect([whole, tellAll(5)]).toEqual([[], ['tokens']])
  })
})

describe('slices that end', () => {
  it('go back, all of them, when they are left', () => {
    const { slices, reserve, warm, tellAll, held } = setUp()
    warm({ buckets: [TOKENS, SLOTS] })
    slices.stop(['unknown'], 1)
    expect(slices.urgency).toBeUndefined()
    slices.leave(1)
    expect([slices.urgency, reserve(1)]).toEqual(['now', undefined])
    tellAll(1)
    expect([...held.values()]).toEqual([0, 0])
  })

  it('are forgotten with the buckets that are meant', () => {
    const { slices, warm } = setUp()
    warm({ buckets: [TOKENS, SLOTS] })
    slices.forget((key) => key === 'tokens')
    expect([slices.size, slices.holds('tokens'), slices.holds('slots')]).toEqual([1, false, true])
  })

  it('are held by nobody where what was told of them cannot be done; others stay', () => {
    const { slices, reserve, warm, settle } = setUp()
    warm()
    warm({ buckets: [SLOTS] })
    slices.failed()
    expect(slices.size).toBe(2)
    settle(reserve(1), 2, 5)
    slices.tell(3)
    slices.failed()
    expect([slices.out, slices.holds('tokens'), slices.holds('slots')]).toEqual([undefined, false, true])
  })

  it.each(['is heard to be lost', 'cannot be done'])(
    'are not those that were begun since, when a word %s',
    (how) => {
      const { slices, reserve, warm, settle } = setUp()
      warm()
      settle(reserve(1), 2, 5)
      const { slices: told } = slices.tell(3)!
      slices.forget(() => true)
      for (let times = 0; times < 4; times++) reserve(4)
      expect(slices.size).toBe(1)
      const lost = told.map(() => ({ held: 0, born: '2', wanted: false, kept: true }))
      if (how === 'cannot be done') slices.failed()
      else slices.heard({ kind: 'leased', at: 5, slices: lost }, 5)
      expect([slices.size, slices.out]).toEqual([1, undefined])
    },
  )
})

describe('a call that the store is to keep by itself', () => {
  it('is told of at once, once, and is no concern of the slices any more', () => {
    const { slices, opOf, warm, answer, held } = setUp()
    warm()
    const op = opOf(10)
    slices.reserve(op, 1)
    slices.told({ type: 'acknowledge', id: op.id }, 1)
    expect(slices.part(op.id)).toEqual({ reserve: op, acknowledged: true })
    expect([slices.urgency, slices.has(op.id)]).toEqual(['now', false])
    const word = slices.tell(2)!
    expect(word.parts).toMatchObject([{ id: op.id, counted: 'now' }])
    answer(word, 3)
    expect([held.get('tokens'), slices.free('tokens', 3), slices.tell(4)]).toEqual([230, 230, undefined])
  })

  it('is told of where its slices are forgotten, and not where the store has lost all', () => {
    const parted = () => {
      const all = setUp()
      all.warm()
      const id = all.reserve(1)!
      all.slices.forget(() => true)
      all.slices.part(id)
      return all
    }
    expect(parted().slices.tell(2)).toMatchObject({ slices: [], parts: [{ counted: undefined }] })
    const { slices } = parted()
    expect(slices.abandon()).toEqual({ open: [], used: [] })
    expect([slices.tell(2), slices.urgency]).toEqual([undefined, undefined])
  })
})
