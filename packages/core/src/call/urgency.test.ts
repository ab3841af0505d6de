import { describe, expect, it } from 'vitest'
import type { Priority } from './attributes.ts'
import { Urgency } from './urgency.ts'

function listened(urgency: Urgency) {
  const told: [Priority, number][] = []
  const stop = urgency.listen(() => told.push([urgency.priority, urgency.deadline]))
  return { told, stop }
}

describe('how soon a call is wanted that several share', () => {
  it('is as soon as the one who wants it soonest, and as long as any', () => {
    const urgency = new Urgency('low', 100)
    const { told } = listened(urgency)
    urgency.raise('high', 50)
    urgency.raise('medium', 200)
    urgency.raise('high', 300)
    expect(told).toEqual([
      ['high', 100],
      ['high', 200],
      ['high', 300],
    ])
  })

  it('is told only where it changes', () => {
    const urgency = new Urgency('medium', 100)
    const { told } = listened(urgency)
    urgency.raise('medium', 100)
    urgency.raise('low', 99)
    expect([told, urgency.priority, urgency.deadline]).toEqual([[], 'medium', 100])
  })

  it('is told to all who listen, until they stop', () => {
    const urgency = new Urgency('low', 0)
    const [one, other] = [listened(urgency), listened(urgency)]
    urgency.raise('medium', 0)
    one.stop()
    urgency.raise('high', 0)
    expect([one.told.length, other.told.length]).toEqual([1, 2])
  })
})
