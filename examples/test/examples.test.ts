import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HAS_REDIS, startRedis } from '../../packages/redis/src/redis-server.fixture.ts'
import type { RedisServer } from '../../packages/redis/src/redis-server.fixture.ts'

const run = promisify(execFile)
const examples = join(import.meta.dirname, '..')
const root = join(examples, '..')
const generated = join(examples, '.generated')

const files = ['core', 'ai-sdk', 'langchain', 'effect', 'redis', 'sqlite'].flatMap((folder) =>
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
    .filter((code) => code.startsWith('import ') && (HAS_REDIS || !code.includes('@plimsoll/redis')))
    .map((code, index) => ({
      name: `${page} ${index + 1}`,
      file: `${page.replaceAll(/[^a-z]+/gi, '-')}-${index + 1}.ts`,
      code,
    })),
)

let redis: RedisServer | undefined

beforeAll(async () => {
  if (HAS_REDIS) redis = await startRedis()
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
afterAll(async () => {
  rmSync(generated, { recursive: true, force: true })
  await redis?.stop()
})

/** What it prints. */
async function runExample(file: string): Promise<string> {
  const args = ['--conditions=@plimsoll/source', join(examples, 'run.ts'), file]
  const { stdout } = await run(process.execPath, args, {
    timeout: 25_000,
    env: { ...process.env, ...(redis === undefined ? {} : { REDIS_URL: redis.url }) },
  })
  return stdout
}

/** What those that show a lesser answer, or none, have to show: each with the lines it prints. */
const SHOWN: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'core/stale-answer.ts': [
    'undefined undefined undefined',
    'In the settings.',
    'stale stale 0',
    'In the settings.',
    'undefined message 0',
    'Ask again in a while.',
  ],
  'core/smaller-model.ts': ['openai/gpt-5-nano lesser-model', 'A summary by openai/gpt-5-nano'],
  'core/skipped-rerank.ts': ['rerank timeout', /^\{ retrieval: [\d.]+, rerank: [\d.]+ \} 1$/, 'By ships'],
  'core/shorter-answer.ts': ['shorter', 'An answer of at most 200 tokens'],
  'core/delayed-work.ts': ['deferred', 'A digest of this week'],
  'core/feature-switch.ts': ["[ 'boats', 'rafts' ]", '[]'],
  'core/compliance.ts': ['Yes, by Article 6.', 'invalid-answer', 'Error: down'],
  'ai-sdk/clear-message.ts': [
    /\{ target: 'openai\/gpt-5-mini' \}$/,
    "It is busy just now: ask again in a minute. { target: 'openai/gpt-5-mini', degraded: 'message' }",
  ],
  'effect/service.ts': [
    "[ 'answered', 'no room in time', 'answered' ]",
    "{ tenant: 'acme' } 2",
    "{ tenant: 'globex' } 1",
  ],
  'effect/plan.ts': [
    '[',
    "  'An answer by gpt-5-mini',",
    "  'An answer by gpt-5-mini',",
    "  'An answer by gpt-5-nano'",
    ']',
  ],
  'sqlite/month-budget.ts': ['one: 2 calls, then wait-too-long', 'another: 0 calls, then wait-too-long'],
  'redis/shared-cache.ts': ["[ 'In the settings.', 'In the settings.' ] 1 call", 'joined: [ 0, 1 ]'],
  'core/shadow.ts': [
    'openai/gpt-5 finished false',
    'spam',
    'openai/gpt-5-nano invalid-answer true',
    '[',
    "  [ 'openai/gpt-5', 1, { finished: 1 } ],",
    "  [ 'openai/gpt-5-nano', 1, { rejected: 1 } ]",
    ']',
  ],
}

const matching = (line: string | RegExp): unknown =>
  typeof line === 'string' ? line : expect.stringMatching(line)

describe('examples', () => {
  it.each(files)('%s runs', async (file) => {
    const lines = (await runExample(file)).trimEnd().split('\n')
    const shown = SHOWN[file] ?? lines
    expect(lines).toEqual(shown.map(matching))
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
      await expect(runExample(file)).resolves.toBeTypeOf('string')
    },
  )
})
