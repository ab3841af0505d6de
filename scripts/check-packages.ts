// Packs every package as it would be published, and checks what is in it: publint, and are-the-types-wrong.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const packed = mkdtempSync(join(tmpdir(), 'plimsoll-'))
const bin = join(root, 'node_modules/.bin')

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: 'inherit' })
}

try {
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name: string
      exports: Record<string, unknown>
    }
    run('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', packed, '--silent'], folder)
    const archive = readdirSync(packed).find((file) => file.endsWith('.tgz'))!
    run(join(bin, 'publint'), ['run', '--strict', '--pack', 'npm', folder], root)
    // ESM only: a `require` that resolves to ESM is intended. A package of commands alone has no types.
    if ('.' in manifest.exports)
      run(join(bin, 'attw'), ['--profile', 'esm-only', join(packed, archive)], root)
    rmSync(join(packed, archive))
    process.stdout.write(`${manifest.name}: packed and checked\n`)
  }
} finally {
  rmSync(packed, { recursive: true })
}
