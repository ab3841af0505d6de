import { expect, it } from 'vitest'
import { lastLine, runNode } from './run-node.ts'

interface Row {
  readonly name: string
  readonly runsTotal: number
  readonly runsCompleted: number
  readonly rateLimitedShare: number
  readonly ratio: number
}

it('meets every kind of limit in a sample of the scenarios', { timeout: 180_000 }, async () => {
  const args = ['--sample', '--json', '--users', '100', '--minute-ms', '900', '--tries', '2']
  const { stdout, stderr } = await runNode('scenarios/run.ts', args)
  const rows = lastLine(stdout) as Row[]
  expect(rows).toHaveLength(4)
  for (const { name, runsTotal, runsCompleted, rateLimitedShare, ratio } of rows) {
    expect.soft(runsCompleted, `${name}: ${stderr}`).toBe(runsTotal)
    expect.soft(rateLimitedShare, `${name}: ${stderr}`).toBeLessThanOrEqual(0.001)
    expect.soft(ratio, `${name}: ${stderr}`).toBeLessThanOrEqual(1.15)
  }
})
