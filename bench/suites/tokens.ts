import { globSync, readFileSync } from 'node:fs'
import { countTokens } from '@plimsoll/core/tiktoken'
import type { Segment } from '../../packages/core/src/call/host.ts'
import { createEncoder } from '../../packages/core/src/tokens/encoder.ts'
import { createEstimator } from '../../packages/core/src/tokens/estimate.ts'
import { loadTable } from '../../packages/core/src/tokens/load-table.ts'
import { referenceCounter } from '../../packages/core/src/tokens/reference.fixture.ts'
import { samples } from '../../packages/core/src/tokens/samples.fixture.ts'
import { atOnce, inTurn, timed } from '../measure.ts'
import type { Figure, Suite } from '../suite.ts'

const MODEL = 'gpt-5'
const TIMES_AS_FAST = 5
const ROOT = new URL('../../', import.meta.url)

const CODE = read('packages/core/src/**/*.ts')

/** Texts that do not repeat themselves, as far as this repository has them. */
const TEXTS = {
  // Lines that begin as sentences do: no tables, no code.
  prose: read('{README,CONTRIBUTING}.md', 'docs/**/*.md').replaceAll(/^(?![A-Z]).*$/gm, ''),
  code: CODE.slice(0, 50_000),
  chinese: samples()['chinese']!,
  japanese: samples()['japanese']!,
}

/** Exact counts beside js-tiktoken's, and what an estimate costs. */
export const tokens: Suite = {
  name: 'tokens',
  comparedWith: 'js-tiktoken',
  async run() {
    return [...(await exact()), ...(await estimates()), ...(await elsewhere())]
  },
}

async function exact(): Promise<Figure[]> {
  const { table, ref } = loadTable('o200k_base')
  ref()
  const encoder = createEncoder(await table)
  const reference = referenceCounter('o200k_base')
  const figures: Figure[] = []
  for (const [kind, text] of Object.entries(TEXTS)) {
    if (encoder.count(text) !== reference(text)) throw new Error(`The counts of ${kind} differ.`)
    const [ours, theirs] = await timed(
      [atOnce('ours', () => encoder.count(text)), atOnce('theirs', () => reference(text))],
      { rounds: 11 },
    )
    figures.push(
      { name: `${kind}, a character: js-tiktoken`, value: theirs! / text.length, measure: 'ns' },
      {
        name: `${kind}, a character: ours`,
        value: ours! / text.length,
        measure: 'ns',
        ratio: ours! / theirs!,
        bar: { most: theirs! / text.length / TIMES_AS_FAST },
      },
    )
  }
  return figures
}

/** A call with a long system prompt, tools, and a question, each time another. */
async function estimates(): Promise<Figure[]> {
  const system = CODE.slice(0, 40_000)
  const tools = CODE.slice(40_000, 60_000)
  let asked = 0
  const input = (copied: (text: string) => string): Segment[] => [
    { role: 'system', kind: 'text', text: copied(system) },
    { role: 'system', kind: 'tools', text: copied(tools) },
    { role: 'user', kind: 'text', text: `What does line ${++asked} say of the load?` },
  ]
  const known = createEstimator()
  await known.ready(MODEL)
  for (let call = 0; call < 100; call++) known.segments(input(same), MODEL)
  // As a request that is read from the wire brings them: the same words in other strings.
  const copies = new Map([system, tools].map((text) => [text, Buffer.from(text)]))
  const anew = (text: string) => copies.get(text)!.toString()
  const names = ['60 KB that is known', '60 KB that is known, in new strings', '1 MB that is not']
  const long = megabyteOf(TEXTS.prose)
  const times = await timed(
    [
      atOnce(names[0]!, () => known.segments(input(same), MODEL)),
      atOnce(names[1]!, () => known.segments(input(anew), MODEL)),
      // Each time another, so that nothing of it is known.
      atOnce(names[2]!, () => known.estimate(`${++asked} ${long}`, MODEL)),
    ],
    { rounds: 11 },
  )
  return names.map((name, index) => ({
    name: `an estimate of ${name}`,
    value: times[index]! / 1_000,
    measure: 'us',
  }))
}

async function elsewhere(): Promise<Figure[]> {
  const megabyte = megabyteOf(TEXTS.prose)
  const times = await timed(
    [
      inTurn('short', () => countTokens('Hello, world', { model: MODEL })),
      inTurn('long', () => countTokens(megabyte, { model: MODEL })),
    ],
    { rounds: 11 },
  )
  return [
    { name: 'countTokens, two words', value: times[0]! / 1_000, measure: 'us' },
    { name: 'countTokens, 1 MB of prose', value: times[1]! / 1_000, measure: 'us' },
  ]
}

function megabyteOf(text: string): string {
  return text.repeat(Math.ceil(1_000_000 / text.length)).slice(0, 1_000_000)
}

function same(text: string): string {
  return text
}

function read(...patterns: readonly string[]): string {
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: ROOT }).toSorted())
    .map((file) => readFileSync(new URL(file, ROOT), 'utf8'))
    .join('\n')
}
