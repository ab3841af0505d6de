import { describe, expect, it } from 'vitest'
import { Progress } from '../src/demo/progress.ts'
import { chaosReport } from '../src/demo/chaos/report.ts'
import type { ChaosReport } from '../src/demo/chaos/report.ts'
import { runChaos } from '../src/demo/chaos/run.ts'
import { chaosSetup } from '../src/demo/chaos/setup.ts'
import { readDemoOptions } from '../src/demo/options.ts'
import { lastLine, runNode } from './run-node.ts'

const USERS = 80
const SMALL = ['--users', String(USERS), '--minute-ms', '1500']

describe('plimsoll demo --chaos', () => {
  it('every run comes to an answer, a marked lesser one or a refusal', { timeout: 90_000 }, async () => {
    const { code, stdout, stderr } = await runNode('src/bin.ts', ['demo', '--chaos', '--json', ...SMALL])
    const { chaos } = lastLine(stdout) as { chaos: ChaosReport }
    const { answered, lesser, refused } = chaos
    expect(chaos).toMatchObject({ runsTotal: USERS, lost: {}, hung: 0, unrecorded: 0, leftBehind: 0 })
    expect([code, chaos.sound]).toEqual([0, true])
    expect(answered + sum(lesser) + sum(refused)).toBe(USERS)
    expect(answered).toBeGreaterThan(USERS / 4)
    // It was a bad day: of so few calls a fault that lasts for a moment may meet none.
    expect(Object.keys(chaos.faults).length).toBeGreaterThanOrEqual(3)
    expect(chaos.faults).toMatchObject({ 'rate-limit': expect.any(Number) })
    // A model that is down is not asked over and over: half of the runs' calls go there first.
    expect(chaos.faults['server-error']).toBeGreaterThan(0)
    expect(chaos.faults['server-error']).toBeLessThan(USERS / 2)
    expect(sum(lesser)).toBeGreaterThan(0)
    expect(stderr).toContain('is down')
    expect(stderr).toContain('None hung, none was lost')
  })

  it('tells a run that hangs, and does not wait for it', { timeout: 60_000 }, async () => {
    const options = readDemoOptions(['--chaos', '--users', '4', '--minute-ms', '400'], {})
    if (options === 'help') throw new Error('No help was asked for.')
    const setup = chaosSetup(options)
    // Nothing that ends it: neither the provider nor a time-out.
    const { targets } = setup.plimsoll
    const stuck = {
      ...setup,
      phases: [{ name: 'silence', minutes: 9, faults: [{ kind: 'stall', rate: 1 } as const] }],
      plimsoll: { targets: targets!, tasks: setup.plimsoll.tasks! },
      graceMs: 100,
    }
    const signal = new AbortController().signal
    const progress = new Progress(process.stderr, [])
    const result = await runChaos(stuck, { signal, onLive: () => {}, onEnd: () => progress.end() })
    const report = chaosReport(result, stuck)
    expect(report).toMatchObject({ runsTotal: 4, answered: 0, hung: 4, unrecorded: 4, sound: false })
  })
})

function sum(by: Readonly<Record<string, number>>): number {
  return Object.values(by).reduce((total, times) => total + times, 0)
}
