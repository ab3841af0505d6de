import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const examples = join(import.meta.dirname, '..')
const root = join(examples, '..')
const generated = join(examples, '.generated')

const files = ['core', 'ai-sdk'].flatMap((folder) =>
  readdirSync(join(examples, folder)).map((file) => `${folder}/${file}`),
)
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) => `docs/${file}`),
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
].filter((page) => page.endsWith('.md'))

/** Every block of TypeScript in a page that is whole: it imports what it uses. */
const snippets = pages.flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map((match) => match[1]!)
    .filter((code) => code.startsWith('import '))
    .map((code, index) => ({
      name: `${page} ${index + 1}`,
      file: `${page.replaceAll(/[^a-z]+/gi, '-')}-${index + 1}.ts`,
      code,
    })),
)

beforeAll(() => {
  mkdirSync(generated, { recursive: true })
  for (const { file, code } of snippets) writeFileSync(join(generated, file), `${code}\nexport {}\n`)
  writeFileSync(
    join(generated, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { noEmit: true, composite: false, rootDir: '../..' },
      include: ['*.ts'],
    }),
  )
})
afterAll(() => rmSync(generated, { recursive: true, force: true }))

async function runExample(file: string): Promise<void> {
  const node = process.execPath
  await run(node, ['--conditions=@plimsoll/source', join(examples, 'run.ts'), file], { timeout: 25_000 })
}

describe('examples', () => {
  it.each(files)('%s runs', async (file) => {
    await expect(runExample(file)).resolves.toBeUndefined()
  })
})

describe('what the docs show', () => {
  it('compiles', async () => {
    const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', generated]).catch(
      (error) => error,
    )
    expect(stdout).toBe('')
  })

  it.each(snippets.map(({ name, file }) => [name, relative(examples, join(generated, file))]))(
    '%s runs',
    async (_, file) => {
      await expect(runExample(file)).resolves.toBeUndefined()
    },
  )
})
