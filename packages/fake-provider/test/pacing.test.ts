import { describe, expect, it } from 'vitest'
import type { Exchange } from '../src/http/exchange.ts'
import { Pace } from '../src/pacing.ts'

interface Holds {
  busyMs?: number
  /** How long to hold at that point. */
  onFirst?: () => number
  onTokens?: (to: number) => number
}

/** Runs a pace in time of its own, which also goes on by `busyMs` whenever the time is asked. */
function run(
  plan: { ttftMs: number; tokensPerSecond: number; tokens: number; watched: boolean },
  { busyMs = 0, onFirst = () => 0, onTokens = () => 0 }: Holds = {},
): { log: string[]; at: number; steps: number } {
  let time = 0
  let next: { at: number; task: () => void } | undefined
  const log: string[] = []
  const exchange = {
    later(ms: number, task: () => void) {
      if (ms <= 0) task()
      else next = { at: time + ms, task }
    },
    whenWritable: (task: () => void) => task(),
  } as Exchange
  const now = (): number => (time += busyMs)
  const pace = new Pace(
    exchange,
    { ...plan, now },
    {
      onFirst() {
        log.push('first')
        pace.hold(onFirst())
      },
      onTokens(from, to) {
        log.push(`${from}-${to}`)
        pace.hold(onTokens(to))
      },
      onEnd: () => log.push('end'),
    },
  )
  pace.start()
  let steps = 0
  for (; next && steps < 1000; steps++) {
    const { at, task } = next
    next = undefined
    time = Math.max(time, at)
    task()
  }
  return { log, at: time, steps }
}

const PLAN = { ttftMs: 10, tokensPerSecond: 100, tokens: 20, watched: true }

describe('a pace', () => {
  it('gives tokens at their rate, then ends', () => {
    expect(run(PLAN)).toEqual({
      log: ['first', '0-1', '1-4', '4-8', '8-12', '12-16', '16-20', 'end'],
      at: 210,
      steps: 6,
    })
  })

  it('needs one timer where nobody watches', () => {
    expect(run({ ...PLAN, watched: false })).toEqual({ log: ['first', '0-20', 'end'], at: 210, steps: 1 })
  })

  it('leaves no token behind, however the time passes while it works', () => {
    for (let busyMs = 0; busyMs < 30; busyMs += 0.25) {
      const { log } = run(PLAN, { busyMs })
      expect(log.at(-2)).toMatch(/-20$/)
      expect(log.filter((entry) => entry === 'end')).toHaveLength(1)
    }
  })

  it('goes on after a hold, and never after an endless one', () => {
    const held = run(PLAN, { onTokens: (to) => (to === 4 ? 500 : 0) })
    expect(held.log.at(-1)).toBe('end')
    expect(held.log.at(-2)).toMatch(/-20$/)
    expect(held.at).toBe(710)
    expect(run(PLAN, { onTokens: (to) => (to === 4 ? Infinity : 0) }).log).toEqual(['first', '0-1', '1-4'])
    const late = run(PLAN, { onTokens: (to) => (to === 20 ? 50 : 0) })
    expect(late).toMatchObject({ log: run(PLAN).log, at: 260 })
  })

  it('ends once after holds that are over before they are made', () => {
    let holds = 3
    const onFirst = (): number => (holds-- > 0 ? 5 : 0)
    const { log } = run({ ...PLAN, tokensPerSecond: 100_000 }, { busyMs: 20, onFirst })
    expect(log).toEqual(['first', 'first', 'first', 'first', '0-20', 'end'])
  })
})
