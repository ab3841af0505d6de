import { expect, it } from 'vitest'
import { needsOf } from './capability.ts'
import type { Segment } from './host.ts'

it.each<[Segment['kind'], string[]]>([
  ['tools', ['tools']],
  ['tool-call', ['tools']],
  ['tool-result', ['tools']],
  ['file', ['files']],
  ['schema', ['schema']],
  ['text', []],
  ['document', []],
])('%s needs %j', (kind, expected) => {
  expect([...needsOf([{ role: 'user', kind, text: '' }])]).toEqual(expected)
})

it('a call needs all that its parts do, each once', () => {
  const kinds = ['tools', 'text', 'tool-call', 'file', 'schema'] as const
  expect([...needsOf(kinds.map((kind) => ({ role: 'user', kind, text: '' })))]).toEqual([
    'tools',
    'files',
    'schema',
  ])
})
