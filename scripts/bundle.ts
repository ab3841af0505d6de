// Core is some 260 files, and to find and read each took a process three quarters of the time of its first import. What is
// published of it is a file an export, the threads', and what they have in common. Types are tsc's, file by file.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const core = join(import.meta.dirname, '../packages/core')
const dist = join(core, 'dist')

interface Export {
  readonly '@plimsoll/source': string
  readonly default: string
}
const { exports } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8')) as {
  exports: Record<string, Export>
}

/** By where they belong in `dist`. */
const entries = Object.fromEntries(
  Object.values(exports).map((one) => [
    one.default.slice('./dist/'.length, -'.js'.length),
    one['@plimsoll/source'],
  ]),
)
// Beside what starts them, which both the index and `tiktoken` need, and which so is a file beside these.
for (const worker of ['ranks-worker', 'count-worker']) entries[worker] = `./src/tokens/${worker}.ts`

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' }))
  if (/\.js(?:\.map)?$/.test(name)) rmSync(join(dist, name))

const bundle = await rolldown({
  cwd: core,
  input: entries,
  platform: 'node',
  external: (id) => !/^[./]/.test(id),
})
await bundle.write({ dir: dist, format: 'esm', sourcemap: true, chunkFileNames: '[name]-[hash].js' })
await bundle.close()
