import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CORE, PACKAGES, sources } from './sources.ts'
import type { Import } from './sources.ts'

const POLICIES = ['budget', 'retry', 'routing', 'caching', 'degradation', 'accounting']
const BASE = ['call', 'time', 'structures']
const MIDDLE = ['tokens', 'providers', 'store']

/** Beside itself, what a folder may import. Files at the top, `config` and `testing` may import everything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  call: [],
  time: [],
  structures: [],
  ...Object.fromEntries(MIDDLE.map((name) => [name, BASE])),
  ...Object.fromEntries(POLICIES.map((name) => [name, [...BASE, ...MIDDLE]])),
}
/** Types of the port are what a provider's profile speaks of. */
const EXCEPTIONS = new Set(['providers -> store/port.ts'])

const all = sources(CORE)
const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')
const isOurs = ({ to }: Import) => to.endsWith('.ts') && !to.startsWith('..')

describe('what a folder of core may import', () => {
  it('covers every folder there is', () => {
    const folders = new Set(all.map(({ file }) => folderOf(file)))
    for (const known of ['', 'config', 'testing', ...Object.keys(ALLOWED)]) folders.delete(known)
    expect([...folders]).toEqual([])
  })

  it.each(Object.keys(ALLOWED))('%s imports only what it may', (folder) => {
    const allowed = new Set([folder, ...ALLOWED[folder]!])
    const forbidden = all
      .filter(({ file }) => folderOf(file) === folder)
      .flatMap(({ file, imports }) =>
        imports
          .filter(isOurs)
          .filter(({ to }) => !allowed.has(folderOf(to)))
          .filter(({ to, typeOnly }) => !(typeOnly && EXCEPTIONS.has(`${folder} -> ${to}`)))
          .map(({ to }) => `${file} -> ${to}`),
      )
    expect(forbidden).toEqual([])
  })

  it('has no circle of files that need each other at run time', () => {
    const needs = new Map(
      all.map(({ file, imports }) => [
        file,
        imports.filter((one) => isOurs(one) && !one.typeOnly).map(({ to }) => to),
      ]),
    )
    expect(circles(needs)).toEqual([])
  })
})

describe('time and chance', () => {
  const MACHINE = /\bDate\.now\b|\bnew Date\(\)|\bset(?:Timeout|Interval)\b|\bMath\.random\b|\bperformance\./

  it('are read in time/ only', () => {
    const readers = all.filter(({ file, code }) => folderOf(file) !== 'time' && MACHINE.test(code))
    expect(readers.map(({ file }) => file)).toEqual([])
  })
})

describe('what core depends on', () => {
  it('is the platform, and little else', () => {
    const packages = all
      .flatMap(({ imports }) => imports.filter(({ to }) => !to.endsWith('.ts')).map(({ to }) => to))
      .filter((name) => !name.startsWith('node:'))
      .map((name) => name.split('/')[0]!)
    expect([...new Set(packages)].toSorted()).toEqual([
      '@cfworker',
      '@pydantic',
      'canonicalize',
      'js-tiktoken',
      'lru-cache',
      'temporal-polyfill',
      'valibot',
    ])
  })
})

describe('other packages', () => {
  const others = readdirSync(PACKAGES).filter((name) => name !== 'core')
  const ENTRIES = new Set([
    '@plimsoll/core',
    '@plimsoll/core/store',
    '@plimsoll/core/testing',
    '@plimsoll/core/tiktoken',
    '@plimsoll/core/prices',
  ])

  it.each(others)('%s reaches no file of core but its entries', (name) => {
    const inside = sources(join(PACKAGES, name, 'src')).flatMap(({ file, imports }) =>
      imports
        .filter(({ to }) => (to.startsWith('@plimsoll/core') ? !ENTRIES.has(to) : to.startsWith('..')))
        .map(({ to }) => `${file} -> ${to}`),
    )
    expect(inside).toEqual([])
  })

  it('reach what Effect calls unstable from one folder alone', () => {
    const unstable = sources(join(PACKAGES, 'effect/src')).flatMap(({ file, imports }) =>
      imports.filter(({ to }) => /^effect\/(?!Function$)/.test(to)).map(() => folderOf(file)),
    )
    expect([...new Set(unstable)]).toEqual(['ai'])
  })
})

function circles(needs: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (path.includes(file) || done.has(file)) return
    for (const next of needs.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of needs.keys()) visit(file, [])
  return found
}
