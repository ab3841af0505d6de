import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url))
export const CORE = join(PACKAGES, 'core/src')

export interface Import {
  /** Relative to the folder asked for, where it is a file of it; else as it is written. */
  readonly to: string
  readonly typeOnly: boolean
}

export interface Source {
  readonly file: string
  /** Without comments. */
  readonly code: string
  readonly imports: readonly Import[]
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s+)?(?:([^'"]*?)\s+from\s+)?['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** The sources below a folder, without tests. */
export function sources(folder: string): Source[] {
  return globSync('**/*.ts', { cwd: folder })
    .filter((file) => !/\.(?:test|test-d|fixture)\.ts$|node_modules|(?:^|\/)dist\/|(?:^|\/)\./.test(file))
    .map((file) => {
      const code = withoutComments(readFileSync(join(folder, file), 'utf8'))
      const resolve = (to: string) =>
        to.startsWith('.') ? relative(folder, join(folder, dirname(file), to)) : to
      const imports = [
        ...[...code.matchAll(STATEMENT)].map(([, type, names = '', to]) => ({
          to: resolve(to!),
          typeOnly: type !== undefined || onlyTypes(names),
        })),
        ...[...code.matchAll(DYNAMIC)].map(([, to]) => ({ to: resolve(to!), typeOnly: false })),
      ]
      return { file, code, imports }
    })
}

/** `{ type A, type B }` imports nothing at run time. */
function onlyTypes(names: string): boolean {
  const inner = /^\{(.*)\}$/s.exec(names.trim())?.[1]
  const listed = inner?.split(',').map((name) => name.trim())
  return listed?.filter((name) => name !== '').every((name) => name.startsWith('type ')) ?? false
}

/** Strings are kept; a comment that a string only seems to begin is not one of ours. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}
