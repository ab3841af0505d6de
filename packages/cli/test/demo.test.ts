import { describe, expect, it } from 'vitest'
import { lastLine, runNode } from './run-node.ts'

const BIN = 'src/bin.ts'
const KEYS = [
  'runsTotal',
  'runsCompleted',
  'calls',
  'rateLimited',
  'rateLimitedShare',
  'makespanMs',
  'lowerBoundMs',
  'p50Ms',
  'p95Ms',
  'p99Ms',
  'costPerRunUsd',
  'inputTokens',
  'outputTokens',
]
const USERS = 40

type Report = Record<string, number>

interface Routing {
  readonly frontier: Way
  readonly routed: Way
  readonly savedShare: number
  readonly wrongAnswers: number
  readonly escalations: number
  readonly escalatedShare: number
  readonly breakEvenShare: number
}

interface Way {
  readonly runsCompleted: number
  readonly calls: number
  readonly callsByModel: Readonly<Record<string, number>>
  readonly costPerRunUsd: number
}

describe('plimsoll demo', () => {
  it('runs the same work three ways, and ours completes all of it', { timeout: 120_000 }, async () => {
    const args = ['demo', '--users', String(USERS), '--minute-ms', '800', '--json', '--seed', '3']
    const { code, stdout, stderr } = await runNode(BIN, args)
    const { routing, ...sides } = lastLine(stdout) as Record<'baseline' | 'naive' | 'plimsoll', Report> & {
      routing: Routing
    }
    expect(code).toBe(0)
    expect(Object.keys(sides)).toEqual(['baseline', 'naive', 'plimsoll'])
    for (const side of Object.values(sides)) {
      expect(Object.keys(side)).toEqual(KEYS)
      expect(side).toMatchObject({ runsTotal: USERS })
      // 4,500 tokens or so, at a few dollars a million; those who fail have paid as well.
      expect(side['costPerRunUsd']).toBeGreaterThan(0.001)
      expect(side['costPerRunUsd']).toBeLessThan(0.1)
    }
    const { baseline, naive, plimsoll } = sides
    expect(plimsoll).toMatchObject({ runsCompleted: USERS, calls: 4 * USERS, rateLimited: 0 })
    expect(ratio(plimsoll)).toBeLessThanOrEqual(1.15)
    expect(baseline['runsCompleted']).toBeLessThan(USERS)
    expect(baseline['rateLimitedShare']).toBeGreaterThan(0.2)
    expect(naive['rateLimitedShare']).toBeGreaterThan(0.2)
    expectRouting(routing)
    expect(stderr).toContain('1 minute = 0.8 s')
    expect(stderr).toContain('less at public prices')
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  })

  it('runs one part alone', { timeout: 60_000 }, async () => {
    const args = ['demo', '--only', 'routing', '--users', String(USERS), '--minute-ms', '800', '--json']
    const { code, stdout } = await runNode(BIN, args)
    const { routing, ...sides } = lastLine(stdout) as { routing: Routing }
    expect([code, sides]).toEqual([0, { baseline: null, naive: null, plimsoll: null }])
    expectRouting(routing)
  })

  it('says what is wrong with its arguments', async () => {
    expect(await wrong()).toContain('No command was given; use one of demo')
    expect(await wrong('dmeo')).toContain("'dmeo' is no command")
    expect(await wrong('demo', '--usres', '5')).toContain("'--usres'")
    expect(await wrong('demo', '--users', '-1')).toContain('--users')
    expect(await wrong('demo', '--only', 'ours')).toContain('baseline, naive, plimsoll, routing')
    expect(await wrong('demo', '--only', 'naive', '--chaos')).toContain('leave --only or --chaos out')
    const there = ['--base-url', 'http://127.0.0.1:9/v1', '--model', 'm']
    expect(await wrong('demo', '--chaos', ...there)).toContain('--chaos is of the fake provider')
    expect(await wrong('demo', '--model', 'm')).toContain('--base-url')
    expect(await wrong('demo', '--base-url', 'http://127.0.0.1:9/v1', '--model', 'm')).toContain(
      'OPENAI_API_KEY',
    )
  })

  it('helps', async () => {
    expect((await runNode(BIN, ['--help'])).stdout).toContain('demo')
    expect((await runNode(BIN, ['demo', '--help'])).stdout).toContain('--base-url')
  })
})

function expectRouting({ frontier, routed, savedShare, ...routing }: Routing): void {
  const { wrongAnswers, escalations, escalatedShare, breakEvenShare } = routing
  expect([frontier.runsCompleted, routed.runsCompleted]).toEqual([USERS, USERS])
  expect(frontier.callsByModel).toEqual({ 'gpt-4.1': 4 * USERS, 'gpt-4.1-mini': 0, 'gpt-4.1-nano': 0 })
  expect(routed.callsByModel).toEqual({
    'gpt-4.1': escalations,
    'gpt-4.1-mini': 3 * USERS,
    'gpt-4.1-nano': USERS,
  })
  // One in eight, of few: what the server spoilt is what did not pass, and nothing else was asked twice.
  expect(escalations).toBe(wrongAnswers)
  expect(escalations).toBeGreaterThan(0)
  expect(escalatedShare).toBe(escalations / (4 * USERS))
  expect(savedShare).toBeCloseTo(1 - routed.costPerRunUsd / frontier.costPerRunUsd)
  expect(savedShare).toBeGreaterThan(0.5)
  expect(savedShare).toBeLessThan(breakEvenShare)
  expect(breakEvenShare).toBeCloseTo(0.8, 1)
}

async function wrong(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runNode(BIN, args)
  expect([code, stdout]).toEqual([2, ''])
  return stderr
}

function ratio(report: Report): number {
  return (report['makespanMs'] ?? Infinity) / (report['lowerBoundMs'] ?? 0)
}
