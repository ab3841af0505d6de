import { describe, expect, it } from 'vitest'
import type { End, Outcome } from '../call/outcome.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { AnswerTo, Op, Store } from '../store/port.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { Claim } from './claim.ts'

const FAILURE = { kind: 'failure', error: new Error('gone') } as const

/** A store whose answers its test holds back, or makes failures of. */
function setUp({ goodForMs = 60_000 }: { goodForMs?: number } = {}) {
  const clock = virtualClock()
  const memory = new MemoryStore()
  const does = { holdsBack: false, fails: false }
  const asked: Op[] = []
  const heldBack: (() => void)[] = []
  const store: Store = {
    send<O extends Op>(op: O, now: number, done: (answer: AnswerTo<O>) => void): void {
      asked.push(op)
      memory.send(op, now, (given) => {
        const tell = () => done(does.fails ? (FAILURE as AnswerTo<O>) : given)
        if (does.holdsBack) heldBack.push(tell)
        else tell()
      })
    },
  }
  const told: Promise<void>[] = []
  let rank = 1
  const claim = () =>
    new Claim({
      store,
      clock,
      now: () => clock.now(),
      key: 'key',
      rank: () => rank,
      deadlineMs: 200,
      goodForMs,
      onTold: (one) => told.push(one),
    })
  const types = () => asked.map(({ type }) => type)
  return {
    clock,
    does,
    asked,
    told,
    types,
    claim,
    answerAll: () => heldBack.splice(0).forEach((tell) => tell()),
    becomesUrgent: () => (rank = 0),
  }
}

function answer(how: End['how'] | undefined): Promise<Outcome<unknown>> {
  const end =
    how === undefined ? new Promise<End>(() => {}) : Promise.resolve({ how, usage: {}, exact: true })
  return Promise.resolve({ kind: 'ok', reply: { value: 1, target: 'a/b', marks: {}, headers: {}, end } })
}

const failed = (): Promise<Outcome<unknown>> =>
  Promise.resolve({ kind: 'failed', failure: { class: 'server' }, error: new Error('down') })
const left = (): Promise<Outcome<unknown>> => Promise.resolve({ kind: 'aborted', reason: 'left' })

describe('a claim', () => {
  it('is told again every third of its time, as urgent as the call is then, until it is released', async () => {
    const { clock, asked, claim, becomesUrgent } = setUp()
    const one = claim()
    expect(await one.ask()).toEqual({ kind: 'leads' })
    becomesUrgent()
    await clock.advance(20_000)
    expect(asked.map((op) => 'rank' in op && op.rank)).toEqual([1, ...Array(12).fill(0)])
    expect((await claim().ask())?.kind).toBe('follows')
    one.release()
    await clock.advance(20_000)
    expect([asked.length, clock.pending]).toEqual([15, 0])
  })

  it('goes on being told while the store fails', async () => {
    const { clock, does, asked, claim } = setUp()
    const one = claim()
    await one.ask()
    does.fails = true
    await clock.advance(10_000)
    expect(asked).toHaveLength(7)
    does.fails = false
    await clock.advance(20_000)
    // Meanwhile nobody has had it.
    expect((await claim().ask())?.kind).toBe('follows')
  })

  it('that has yielded is neither told again nor given up', async () => {
    const { clock, asked, claim, becomesUrgent } = setUp()
    const ousted = claim()
    await ousted.ask()
    becomesUrgent()
    expect((await claim().ask())?.kind).toBe('leads')
    await clock.advance(2_000)
    const before = asked.length
    ousted.release()
    expect(asked).toHaveLength(before)
    // One extension each when the first third was over; from then on there is only the other's.
    await clock.advance(10_000)
    expect(asked).toHaveLength(before + 6)
  })

  it('that was given too late is given back, and so is one that nobody waits for any more', async () => {
    const { clock, does, types, claim, answerAll, told } = setUp()
    does.holdsBack = true
    const late = claim()
    const asking = late.ask()
    await clock.advance(200)
    expect(await asking).toBeUndefined()
    answerAll()
    expect(types()).toEqual(['lead', 'unlead'])
    late.release()
    expect(types()).toHaveLength(2)
    const released = claim()
    const answered = released.ask()
    released.release()
    expect(types()).toEqual(['lead', 'unlead', 'lead'])
    answerAll()
    await answered
    expect([types().at(-1), told.length, clock.pending]).toEqual(['unlead', 2, 0])
  })

  it('is not told again once it is released, though it was being told just then', async () => {
    const { clock, does, types, claim, answerAll } = setUp()
    const one = claim()
    await one.ask()
    does.holdsBack = true
    await clock.advance(2_000)
    one.release()
    answerAll()
    expect([types(), clock.pending]).toEqual([['lead', 'lead', 'unlead'], 0])
  })

  it('that another holds, or nobody knows of, is nothing to give back', async () => {
    const { does, types, claim } = setUp()
    await claim().ask()
    const follower = claim()
    await follower.ask()
    follower.release()
    does.fails = true
    const unknown = claim()
    expect(await unknown.ask()).toBeUndefined()
    unknown.release()
    expect(types()).toEqual(['lead', 'lead', 'lead'])
  })

  it.each([
    ['finished', answer('finished'), 'over'],
    ['failed', failed(), 'over'],
    ['failed midway', answer('failed'), 'over'],
    ['broke off', answer('interrupted'), 'over'],
    ['was abandoned', answer('abandoned'), 'over'],
    ['was left', left(), 'leads'],
    ['was left midway', answer('aborted'), 'leads'],
    ['is not over', answer(undefined), 'leads'],
  ] as const)('whose call %s leaves the next one with: %s', async (_what, outcome, next) => {
    const { claim } = setUp()
    const one = claim()
    await one.ask()
    expect(await one.hears(outcome)).toBe(await outcome)
    one.release()
    expect((await claim().ask())?.kind).toBe(next)
  })

  it('is given up as soon as nothing can be kept of its call, whoever still holds on to that', async () => {
    for (const how of ['failed', 'interrupted', 'abandoned', 'aborted'] as const) {
      const { clock, types, claim } = setUp()
      const one = claim()
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await one.ask()
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await one.hears(answer(how))
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.advance(0)
      expect(types()).toEqual(['lead', 'unlead'])
      one.release()
      expect(types()).toHaveLength(2)
    }
  })

  it('is given up when the answer is where others find it, and not before', async () => {
    const { types, claim, told } = setUp()
    const one = claim()
    await one.ask()
    await one.hears(answer('finished'))
    const stored = Promise.withResolvers<void>()
    one.kept(stored.promise)
    one.release()
    one.release()
    await Promise.resolve()
    expect(types()).toEqual(['lead'])
    stored.resolve()
    await Promise.all(told)
    expect(types()).toEqual(['lead', 'unlead'])
  })

  it('is remembered as done no longer than its answer is good', async () => {
    const { asked, claim } = setUp({ goodForMs: 50 })
    const one = claim()
    await one.ask()
    await one.hears(answer('finished'))
    one.release()
    expect(asked.at(-1)).toMatchObject({ type: 'unlead', overMs: 50 })
  })
})
