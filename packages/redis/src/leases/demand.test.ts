import { describe, expect, it } from 'vitest'
import { Demand } from './demand.ts'

const PERIOD_MS = 100

function asked(...times: number[]): Demand {
  const demand = new Demand(PERIOD_MS, 0)
  for (const now of times) demand.ask(now)
  return demand
}

describe('what is asked for of a bucket', () => {
  it('is much with the third time in a period and the one before it, and with no fewer', () => {
    const answers = (...times: number[]) => {
      const demand = new Demand(PERIOD_MS, 0)
      return times.map((now) => demand.ask(now))
    }
    expect(answers(0, 50, 99)).toEqual([false, false, true])
    expect(answers(99, 100, 199, 200)).toEqual([false, false, true, true])
    expect(answers(0, 0, 0, 199, 299, 499)).toEqual([false, false, true, true, false, false])
  })

  it('is forgotten two periods later, and at once where nobody has asked for as long', () => {
    expect([199, 200].map((now) => asked(0, 0, 0).isHot(now))).toEqual([true, false])
    const demand = asked(0, 0, 0)
    expect([100, 199, 200].map((now) => demand.isHot(now))).toEqual([true, true, false])
  })

  it('comes to as much as in the busier of the two periods, and to the mean of both for one call', () => {
    const demand = new Demand(PERIOD_MS, 0)
    expect(demand.mean(0)).toBe(0)
    for (const amount of [10, 20, 30]) demand.want(amount, 1, 0)
    expect([demand.amount(0), demand.mean(0)]).toEqual([60, 20])
    expect([demand.amount(100), demand.mean(100)]).toEqual([60, 20])
    demand.want(100, 1, 0)
    expect([demand.amount(150), demand.mean(150)]).toEqual([100, 40])
    expect([demand.amount(200), demand.mean(200)]).toEqual([100, 100])
    expect([demand.amount(300), demand.mean(300)]).toEqual([0, 0])
  })

  it('leaves behind what the lowest priority of the two periods must, as it was said last', () => {
    const demand = new Demand(PERIOD_MS, 0)
    demand.want(10, 2, 30)
    demand.want(10, 1, 20)
    expect(demand.lowest(0)).toMatchObject({ rank: 2, leave: 30 })
    demand.want(10, 2, 40)
    expect(demand.lowest(0)).toMatchObject({ rank: 2, leave: 40 })
    // Nobody has asked in this period yet.
    expect(demand.lowest(100)).toMatchObject({ rank: 2, leave: 40 })
    demand.want(10, 1, 5)
    expect(demand.lowest(100)).toMatchObject({ rank: 2, leave: 40 })
    demand.want(10, 2, 6)
    expect(demand.lowest(100)).toMatchObject({ rank: 2, leave: 6 })
  })

  it('is that of the highest priority where no other asks', () => {
    const demand = new Demand(PERIOD_MS, 0)
    demand.want(10, 0, 3)
    expect([demand.lowest(0), demand.lowest(100)]).toMatchObject([
      { rank: 0, leave: 3 },
      { rank: 0, leave: 3 },
    ])
  })

  it('is of the time it is asked at, whoever asks first then', () => {
    const busy = () => {
      const demand = asked(0, 0, 0)
      demand.want(10, 1, 7)
      return demand
    }
    const later = 2 * PERIOD_MS
    expect([busy().isHot(later), busy().amount(later), busy().mean(later)]).toEqual([false, 0, 0])
    expect(busy().lowest(later)).toMatchObject({ rank: 0, leave: 0 })
  })
})
