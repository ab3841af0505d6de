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

describe('plimsoll demo', () => {
  it('runs the same work three ways, and ours completes all of it', { timeout: 60_000 }, async () => {
    const args = ['demo', '--users', String(USERS), '--minute-ms', '800', '--json', '--seed', '3']
    const { code, stdout, stderr } = await runNode(BIN, args)
    const sides = lastLine(stdout) as Record<'baseline' | 'naive' | 'plimsoll', Report>
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
    expect(stderr).toContain('1 minute = 0.8 s')
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  })

  it('says what is wrong with its arguments', async () => {
    expect(await wrong()).toContain('No command was given; use one of demo')
    expect(await wrong('dmeo')).toContain("'dmeo' is no command")
    expect(await wrong('demo', '--usres', '5')).toContain("'--usres'")
    expect(await wrong('demo', '--users', '-1')).toContain('--users')
    expect(await wrong('demo', '--only', 'ours')).toContain('baseline, naive, plimsoll')
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

async function wrong(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runNode(BIN, args)
  expect([code, stdout]).toEqual([2, ''])
  return stderr
}

function ratio(report: Report): number {
  return (report['makespanMs'] ?? Infinity) / (report['lowerBoundMs'] ?? 0)
}
