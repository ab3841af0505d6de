import type { PlimsollConfig } from '@plimsoll/core'
import { setUp, used } from './set-up.ts'

const CALL = { target: 'openai/model', inputTokens: 1, maxOutputTokens: 1 }

export type At = ReturnType<typeof setUp>

/** A Plimsoll that hedges, and has learnt that its target answers within 100 ms. */
export async function warmedUp(config: PlimsollConfig = {}, call: object = {}): Promise<At> {
  const at = setUp({ hedge: true, breaker: { failures: 3, openMs: 1_000 }, ...config })
  for (let nth = 0; nth < 300; nth++) {
    const answer = at.plimsoll.call({ ...CALL, ...call }, () => after(at, 100, used(1, 1)))
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await at.clock.advance(100)
    // oxlint-disable-next-line no-await-in-loop -- it is there
    await answer
  }
  at.events.length = 0
  return at
}

export async function after<T>({ clock }: Pick<At, 'clock'>, ms: number, value: T): Promise<T> {
  await new Promise<void>((done) => clock.timer(ms, done))
  return value
}

export const hedges = ({ events }: At): number => events.filter(({ type }) => type === 'hedge.started').length
