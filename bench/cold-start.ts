// How long counting holds the event loop of a young process, whose code has yet to be compiled and whose tokenizer has yet
// to be loaded: the longest turn of the loop, against that of a process of the same kind that only reads the text once.
//
// A turn is timed by the processor time of its thread; what the clock on the wall said is printed beside it. Medians of
// many processes.
import { parseArgs } from 'node:util'
import { coldStart, longest } from '../packages/core/test/tokens/cold-start.ts'
import type { Held, Work } from '../packages/core/test/tokens/cold-start.ts'
import { COLD_TEXTS } from '../packages/core/test/tokens/cold-texts.ts'
import type { ColdText } from '../packages/core/test/tokens/cold-texts.ts'
import { median } from './measure.ts'

const MOST_TIMES_A_SCAN = 3
const WORKS: readonly Work[] = [
  'scan',
  'nothing',
  'an empty worker',
  'estimate',
  'countTokens',
  'call, counted',
  'call',
]

const { values } = parseArgs({ options: { processes: { type: 'string', default: '15' } } })

for (const text of Object.keys(COLD_TEXTS) as ColdText[]) {
  const runs = await coldStart(text, WORKS, Number(values.processes))
  console.log(`\n${text}: the longest turn, in ms`)
  console.log(row('', 'of the thread', 'on the wall'))
  for (const [work, all] of runs) {
    for (const stage of Object.keys(all[0]!))
      console.log(
        medians(
          `${work}: ${stage}`,
          all.map((stages) => stages[stage]!),
        ),
      )
  }
  const scanned = longest(runs.get('scan')!)
  const estimated = longest(runs.get('estimate')!)
  console.log(medians('the longest of all that estimating does', estimated))
  const ratio = median(estimated.map(byThread)) / median(scanned.map(byThread))
  const isMet = ratio <= MOST_TIMES_A_SCAN
  console.log(`  ${ratio.toFixed(2)} times a scan  <= ${MOST_TIMES_A_SCAN}  ${isMet ? 'met' : 'MISSED'}`)
  if (!isMet) process.exitCode = 1
}

function medians(name: string, held: readonly Held[]): string {
  return row(name, median(held.map(byThread)).toFixed(2), median(held.map(byWall)).toFixed(2))
}

function row(name: string, ...cells: readonly string[]): string {
  return `  ${name.padEnd(44)}${cells.map((cell) => cell.padStart(14)).join('')}`
}

function byThread({ threadMs }: Held): number {
  return threadMs
}

function byWall({ wallMs }: Held): number {
  return wallMs
}
