import { describe, expect, it } from 'vitest'
import { Leads } from './leads.ts'

const WORK = { type: 'lead', key: 'work', rank: 1, ttlMs: 100 } as const
const OVER = { type: 'unlead', key: 'work' } as const

describe('who leads', () => {
  it('is the first who asks, until its time runs out or it asks again', () => {
    const leads = new Leads()
    expect(leads.lead({ ...WORK, holder: 1 }, 0)).toEqual({ kind: 'leads' })
    expect(leads.lead({ ...WORK, holder: 2 }, 60)).toEqual({ kind: 'follows', untilMs: 40 })
    expect(leads.lead({ ...WORK, holder: 1 }, 99)).toEqual({ kind: 'leads' })
    expect(leads.lead({ ...WORK, holder: 2 }, 198)).toEqual({ kind: 'follows', untilMs: 1 })
    expect(leads.lead({ ...WORK, holder: 2 }, 199)).toEqual({ kind: 'leads' })
    expect(leads.lead({ ...WORK, holder: 1 }, 199)).toMatchObject({ kind: 'follows' })
  })

  it('leads for one key alone', () => {
    const leads = new Leads()
    leads.lead({ ...WORK, holder: 1 }, 0)
    expect(leads.lead({ ...WORK, key: 'other', holder: 2 }, 0)).toEqual({ kind: 'leads' })
  })

  it('yields to who is more urgent, and to nobody else', () => {
    const leads = new Leads()
    leads.lead({ ...WORK, holder: 1 }, 0)
    for (const rank of [1, 2]) expect(leads.lead({ ...WORK, holder: 2, rank }, 0).kind).toBe('follows')
    expect(leads.lead({ ...WORK, holder: 2, rank: 0 }, 0).kind).toBe('leads')
    expect(leads.lead({ ...WORK, holder: 1 }, 0).kind).toBe('follows')
    // It has nothing to give up any more.
    leads.unlead({ ...OVER, holder: 1, overMs: 50 }, 0)
    expect(leads.lead({ ...WORK, holder: 3 }, 0).kind).toBe('follows')
  })

  it('may give it up, for the next one to lead', () => {
    const leads = new Leads()
    leads.lead({ ...WORK, holder: 1 }, 0)
    leads.unlead({ ...OVER, holder: 1, overMs: 0 }, 10)
    expect(leads.lead({ ...WORK, holder: 2 }, 10).kind).toBe('leads')
  })

  it('may be done: so it is for everybody, itself included, for a while', () => {
    const leads = new Leads()
    leads.lead({ ...WORK, holder: 1 }, 0)
    leads.unlead({ ...OVER, holder: 1, overMs: 50 }, 10)
    for (const holder of [1, 2]) expect(leads.lead({ ...WORK, holder, rank: 0 }, 59).kind).toBe('over')
    expect(leads.lead({ ...WORK, holder: 2 }, 60).kind).toBe('leads')
  })

  it('is forgotten once it has run out', () => {
    const leads = new Leads()
    for (let nth = 0; nth < 1_000; nth++) {
      leads.lead({ ...WORK, key: `${nth}`, holder: nth }, nth)
      if (nth % 2 === 0) leads.unlead({ ...OVER, key: `${nth}`, holder: nth, overMs: 50 }, nth)
    }
    expect(leads.size).toBeLessThanOrEqual(101)
    leads.lead({ ...WORK, key: 'last', holder: 1 }, 2_000)
    expect(leads.size).toBe(1)
  })

  it('is forgotten at once when it was given up, when its time is over, and in the order in which times are', () => {
    const leads = new Leads()
    leads.lead({ ...WORK, holder: 1 }, 0)
    leads.unlead({ ...OVER, holder: 1, overMs: 0 }, 0)
    expect(leads.size).toBe(0)
    for (const [key, now] of [
      ['first', 0],
      ['second', 1],
      ['first', 50],
    ] as const)
      leads.lead({ ...WORK, key, holder: 1 }, now)
    // The first was renewed: the second runs out before it.
    leads.lead({ ...WORK, key: 'third', holder: 1 }, 101)
    expect(leads.size).toBe(2)
  })

  it('leads no longer than its own time, though another before it runs longer', () => {
    const leads = new Leads()
    leads.lead({ ...WORK, key: 'long', holder: 1, ttlMs: 1_000 }, 0)
    leads.lead({ ...WORK, holder: 1 }, 0)
    expect(leads.lead({ ...WORK, holder: 2 }, 99).kind).toBe('follows')
    expect(leads.lead({ ...WORK, holder: 2 }, 100).kind).toBe('leads')
  })
})
