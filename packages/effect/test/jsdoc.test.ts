import { execFile } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const here = join(import.meta.dirname, '..')
const generated = join(here, '.tmp', 'jsdoc')

const SECTIONS = ['When to use', 'Details', 'Gotcha', 'Example'] as const

interface Documented {
  readonly name: string
  readonly text: string
}

/** Every docstring that stands before something public with a page of its own. */
const documented = globSync('src/**/*.ts', { cwd: here })
  .filter((file) => !file.endsWith('.test.ts'))
  .flatMap((file) => {
    const source = readFileSync(join(here, file), 'utf8')
    return [...source.matchAll(/^\/\*\*\n((?: \*.*\n)+?) \*\/\nexport (?:const|function|class) (\w+)/gm)].map(
      ([, text, name]): Documented => ({ name: `${file} ${name}`, text: text!.replaceAll(/^ \* ?/gm, '') }),
    )
  })

const examples = documented.flatMap(({ name, text }) =>
  [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => ({ name, code: code! })),
)

/** What examples speak of and do not make themselves. */
const PRELUDE = `
import { createPlimsoll } from '@plimsoll/core'
import * as P from '@plimsoll/effect'
import { aiErrorFacts, PlimsollEmbeddingModel, PlimsollLanguageModel } from '@plimsoll/effect/ai'
import { Effect, Layer, ManagedRuntime, Stream } from 'effect'
import type { AiError, EmbeddingModel, LanguageModel } from 'effect/ai'
declare const error: AiError.AiError
declare const core: ReturnType<typeof createPlimsoll>
declare const OpenAi: Layer.Layer<LanguageModel.LanguageModel>
declare const Anthropic: Layer.Layer<LanguageModel.LanguageModel>
declare const OpenAiEmbeddings: Layer.Layer<EmbeddingModel.EmbeddingModel>
declare const governed: Effect.Effect<unknown, P.PlimsollError>
declare const runtime: ManagedRuntime.ManagedRuntime<never, never>
const { decide, headroom, inherit, Plimsoll, report, reserve, withBudget, withBudgetStream, withCall } = P
interface Said { readonly usage: { readonly inputTokens: number } }
`
const ASK = 'declare const ask: (prompt: string) => Effect.Effect<Said>\n'
const ANSWERS = 'declare const answer: (prompt: string) => Stream.Stream<string>\n'
const ANSWER = 'declare const answer: Effect.Effect<string>\n'

function moduleOf(code: string): string {
  const isAnswered = /\banswer\b/.test(code) && !/const answer\b/.test(code)
  const answer = !isAnswered ? '' : code.includes('answer(') ? ANSWERS : ANSWER
  return `${PRELUDE}${code.includes('ask(') ? ASK : ''}${answer}{\n${code}}\n`
}

beforeAll(() => {
  mkdirSync(generated, { recursive: true })
  for (const [index, { code }] of examples.entries())
    writeFileSync(join(generated, `${index}.ts`), moduleOf(code))
  const compilerOptions = { noEmit: true, composite: false, rootDir: '../../../..' }
  writeFileSync(
    join(generated, 'tsconfig.json'),
    JSON.stringify({ extends: '../../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }),
  )
})
afterAll(() => rmSync(generated, { recursive: true, force: true }))

describe('docstrings', () => {
  it('of what is used directly say when, and show how', () => {
    const told = documented.filter(({ text }) => text.includes('**Example**'))
    expect(told.length).toBeGreaterThanOrEqual(12)
    for (const { name, text } of told)
      for (const section of SECTIONS) expect(text, name).toContain(`**${section}**`)
  })

  it('have examples that compile', { timeout: 60_000 }, async () => {
    const { stdout } = await run(join(here, '../../node_modules/.bin/tsc'), ['-p', generated]).catch(
      (error: { stdout: string }) => error,
    )
    expect(stdout).toBe('')
  })
})
