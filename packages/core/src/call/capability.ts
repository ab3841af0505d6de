import type { Segment } from './host.ts'

/** What a call may need of a target: tools, files and images, an answer by a schema. */
export type Capability = 'tools' | 'files' | 'schema'

const NEEDS: Readonly<Partial<Record<Segment['kind'], Capability>>> = {
  tools: 'tools',
  'tool-call': 'tools',
  'tool-result': 'tools',
  file: 'files',
  schema: 'schema',
}

export function needsOf(segments: readonly Segment[]): ReadonlySet<Capability> {
  const needs = new Set<Capability>()
  for (const { kind } of segments) {
    const need = NEEDS[kind]
    if (need !== undefined) needs.add(need)
  }
  return needs
}
