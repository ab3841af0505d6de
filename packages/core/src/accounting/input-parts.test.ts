import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Segment } from '../call/host.ts'
import { inputLengths, sharedOut } from './input-parts.ts'

const segment = (fields: Partial<Segment>): Segment => ({ role: 'user', kind: 'text', text: '', ...fields })
const NONE = { system: 0, history: 0, documents: 0, tools: 0, user: 0 }

describe('where an input comes from', () => {
  it.each([
    ['instructions', segment({ role: 'system', text: 'four' }), { system: 4 }],
    ['the schema of the answer', segment({ kind: 'schema', text: 'four' }), { system: 4 }],
    ['definitions of tools', segment({ role: 'system', kind: 'tools', text: 'four' }), { tools: 4 }],
    ['a call of a tool', segment({ role: 'assistant', kind: 'tool-call', text: 'four' }), { tools: 4 }],
    ['its result', segment({ role: 'tool', kind: 'tool-result', text: 'four' }), { tools: 4 }],
    ['a document', segment({ kind: 'document', text: 'four' }), { documents: 4 }],
    ['a file, which is as long as its tokens say', segment({ kind: 'file', tokens: 3 }), { documents: 12 }],
    ['what was answered before', segment({ role: 'assistant', text: 'four' }), { history: 4 }],
    ['what was asked before', segment({ text: 'four' }), { history: 4 }],
    ['the question', segment({ text: 'four', pinned: true }), { user: 4 }],
    ['an answer that is pinned', segment({ role: 'assistant', text: 'four', pinned: true }), { history: 4 }],
  ] as const)('%s', (_, one, expected) => {
    expect(inputLengths([one])).toEqual({ ...NONE, ...expected })
  })

  it('adds up', () => {
    const question = segment({ text: 'four', pinned: true })
    expect(inputLengths([question, question, segment({ role: 'system', text: 'sixsix' })])).toEqual({
      ...NONE,
      user: 8,
      system: 6,
    })
  })
})

describe('tokens', () => {
  it('are shared out by length', () => {
    expect(sharedOut(100, { system: 10, history: 20, documents: 30, tools: 25, user: 15 })).toEqual({
      system: 10,
      history: 20,
      documents: 30,
      tools: 25,
      user: 15,
    })
  })

  it('are as many as there were, and whole', () => {
    const lengths = fc.record({
      system: fc.nat(1e6),
      history: fc.nat(1e6),
      documents: fc.nat(1e6),
      tools: fc.nat(1e6),
      user: fc.integer({ min: 1, max: 1e6 }),
    })
    fc.assert(
      fc.property(fc.nat(1e6), lengths, (tokens, given) => {
        const parts = Object.values(sharedOut(tokens, given)!)
        expect(parts.reduce((sum, part) => sum + part)).toBe(tokens)
        expect(parts.every((part) => Number.isInteger(part) && part >= 0)).toBe(true)
      }),
    )
  })

  it('that nobody counted, or of nothing, are not shared out', () => {
    expect([sharedOut(undefined, { ...NONE, user: 5 }), sharedOut(5, undefined), sharedOut(5, NONE)]).toEqual(
      [undefined, undefined, undefined],
    )
  })
})
