import type { Segment } from '../call/host.ts'
import type { InputParts } from '../call/record.ts'

const PARTS = ['system', 'history', 'documents', 'tools', 'user'] as const
/** What a part that is no text is taken to be as long as. */
const CHARACTERS_PER_TOKEN = 4

/** How long an input is, by where it comes from, in characters. */
export function inputLengths(segments: readonly Segment[]): InputParts {
  const lengths = { system: 0, history: 0, documents: 0, tools: 0, user: 0 }
  for (const segment of segments) {
    const { tokens, text } = segment
    lengths[partOf(segment)] += tokens === undefined ? text.length : tokens * CHARACTERS_PER_TOKEN
  }
  return lengths
}

function partOf({ role, kind, pinned }: Segment): keyof InputParts {
  if (kind === 'tools' || kind === 'tool-call' || kind === 'tool-result') return 'tools'
  if (kind === 'document' || kind === 'file') return 'documents'
  if (kind === 'schema' || role === 'system') return 'system'
  // The last question is pinned; those before it are history.
  return role === 'user' && pinned === true ? 'user' : 'history'
}

/** Tokens that were counted in all, shared out by length: whole, and no more than there were. */
export function sharedOut(
  tokens: number | undefined,
  lengths: InputParts | undefined,
): InputParts | undefined {
  if (tokens === undefined || lengths === undefined) return undefined
  const whole = PARTS.reduce((sum, part) => sum + lengths[part], 0)
  if (whole === 0) return undefined
  const parts = { system: 0, history: 0, documents: 0, tools: 0, user: 0 }
  // Shared out by running totals, so that rounding neither adds a token nor loses one.
  let upTo = 0
  let given = 0
  for (const part of PARTS) {
    upTo += lengths[part]
    const share = Math.round((tokens * upTo) / whole)
    parts[part] = share - given
    given = share
  }
  return parts
}
