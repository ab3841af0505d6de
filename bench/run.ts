import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { fileStoreSuite } from './suites/file-store.ts'
import { governedCall } from './suites/governed-call.ts'
import { neighbours } from './suites/neighbours.ts'
import { queue } from './suites/queue.ts'
import { redis } from './suites/redis.ts'
import { reserveSettle } from './suites/reserve-settle.ts'
import { simulation } from './suites/simulation.ts'
import { tokens } from './suites/tokens.ts'
import { tenants } from './suites/tenants.ts'
import { met } from './suite.ts'
import type { Figure, Suite } from './suite.ts'
import { table } from './table.ts'

const SUITES = [
  reserveSettle,
  fileStoreSuite,
  queue,
  governedCall,
  simulation,
  tenants,
  neighbours,
  redis,
  tokens,
]

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const chosen = SUITES.filter(({ name }) => values.only === undefined || name === values.only)
if (chosen.length === 0) {
  throw new Error(`--only ${values.only}: use one of ${SUITES.map(({ name }) => name).join(', ')}.`)
}

const all: (Figure & { readonly suite: string })[] = []
for (const suite of chosen) {
  // oxlint-disable-next-line no-await-in-loop -- beside each other they would slow each other down
  const figures = chosen.length === 1 ? await suite.run() : apart(suite)
  for (const figure of figures) all.push({ suite: suite.name, ...figure })
  console.log(table(suite, figures))
}

const missed = all.filter((figure) => met(figure) === false)
const held = all.filter((figure) => met(figure) === true)
console.log(`\nBars: ${held.length} met, ${missed.length} missed${missed.length === 0 ? '' : ':'}`)
for (const { suite, name } of missed) console.log(`  ${suite}: ${name}`)
if (values.json) {
  const figures = all.map((figure) => {
    const holds = met(figure)
    return holds === undefined ? figure : { ...figure, met: holds }
  })
  console.log(JSON.stringify({ figures, met: held.length, missed: missed.length }))
}

/**
 * In a process of its own: what one suite has taught the engine about the code's objects makes the same code up to twice
 * as slow in the next (measured).
 */
function apart({ name }: Suite): Figure[] {
  const args = [...process.execArgv, import.meta.filename, '--only', name, '--json']
  const output = execFileSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { figures } = JSON.parse(output.trimEnd().split('\n').at(-1)!) as { figures: Figure[] }
  return figures
}
