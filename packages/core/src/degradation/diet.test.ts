import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Segment } from '../call/host.ts'
import { trim } from './diet.ts'
import type { Diet } from './diet.ts'

/** A token a character: what is cut can be counted by eye. */
const count = ({ text, tokens }: Segment): number => tokens ?? text.length

const system = (text: string): Segment => ({ role: 'system', kind: 'text', text, pinned: true })
const user = (text: string): Segment => ({ role: 'user', kind: 'text', text })
const said = (text: string): Segment => ({ role: 'assistant', kind: 'text', text })
const question = (text: string): Segment => ({ ...user(text), pinned: true })
const document = (text: string): Segment => ({ role: 'user', kind: 'document', text })
const asks = (pairing: string, text = 'ask'): Segment => ({
  role: 'assistant',
  kind: 'tool-call',
  text,
  pairing,
})
const tells = (pairing: string, text = 'told'): Segment => ({
  role: 'tool',
  kind: 'tool-result',
  text,
  pairing,
})

const textsOf = (segments: readonly Segment[], diet: Partial<Diet>) =>
  trim(segments, { name: 'lean', ...diet }, count).segments.map(({ text }) => text)

describe('history', () => {
  const chat = [
    system('rules'),
    user('first'),
    said('one'),
    user('second'),
    asks('a'),
    tells('a'),
    said('two'),
    question('now?'),
  ]

  it('goes oldest first, a question with its answer', () => {
    expect(textsOf(chat, { maxHistoryTokens: 20 })).toEqual(['rules', 'second', 'ask', 'told', 'two', 'now?'])
    expect(textsOf(chat, { maxHistoryTokens: 15 })).toEqual(['rules', 'now?'])
    expect(textsOf(chat, { maxHistoryTokens: 24 })).toHaveLength(8)
  })

  it('is what a bound of the whole input takes from first', () => {
    expect(textsOf(chat, { maxInputTokens: 26 })).toEqual(['rules', 'second', 'ask', 'told', 'two', 'now?'])
    expect(textsOf(chat, { maxInputTokens: 1 })).toEqual(['rules', 'now?'])
  })

  it('of the turn under way goes step by step, but for the last', () => {
    const agent = [question('do it'), asks('a'), tells('a'), asks('b'), tells('b'), asks('c'), tells('c')]
    expect(textsOf(agent, { maxHistoryTokens: 14 })).toEqual(['do it', 'ask', 'told', 'ask', 'told'])
    expect(textsOf(agent, { maxHistoryTokens: 1 })).toEqual(['do it', 'ask', 'told'])
  })

  it('keeps what belongs to something pinned', () => {
    const pinned = [user('old'), { ...asks('a'), pinned: true }, tells('a'), question('now?')]
    expect(textsOf(pinned, { maxHistoryTokens: 1 })).toEqual(['ask', 'told', 'now?'])
  })
})

describe('tool results, documents and what is said twice', () => {
  it('a long result is cut to its beginning, and says so', () => {
    const [, , result] = textsOf([question('?'), asks('a'), tells('a', 'x'.repeat(500))], {
      maxToolResultTokens: 50,
    })
    expect(result).toMatch(/^x{30,46}\n\[\.\.\.\]$/)
  })

  it('half a character is not left over', () => {
    for (let length = 20; length < 40; length++) {
      const [, result] = textsOf([question('?'), tells('a', '😀'.repeat(100))], {
        maxToolResultTokens: length,
      })
      expect(result!.isWellFormed()).toBe(true)
    }
  })

  it('documents stay in their order until there is room for no more', () => {
    const found = [
      document('a'.repeat(10)),
      document('b'.repeat(10)),
      document('c'.repeat(10)),
      question('?'),
    ]
    expect(textsOf(found, { maxDocumentTokens: 20 })).toEqual(['a'.repeat(10), 'b'.repeat(10), '?'])
    expect(textsOf(found, { maxDocumentTokens: 10 })).toEqual(['a'.repeat(10), '?'])
  })

  it('instructions and documents that stand there twice stand there once', () => {
    const twice = [system('rules'), document('found'), system('rules'), document('found'), question('rules')]
    expect(textsOf(twice, {})).toEqual(['rules', 'found', 'rules'])
  })

  it('what was cut is told by what it was', () => {
    const { cut } = trim(
      [
        system('rules'),
        system('rules'),
        user('old'),
        document('d'.repeat(9)),
        question('?'),
        tells('a', 'x'.repeat(99)),
      ],
      { name: 'lean', maxHistoryTokens: 60, maxToolResultTokens: 50, maxDocumentTokens: 1 },
      count,
    )
    expect(cut).toEqual({ history: 0, toolResults: expect.any(Number), documents: 9, repeated: 5 })
    expect(cut.toolResults).toBeGreaterThan(45)
  })
})

const anySegment = fc.oneof(
  fc.string({ maxLength: 30 }).map(user),
  fc.string({ maxLength: 30 }).map(said),
  fc.string({ maxLength: 30 }).map(system),
  fc.string({ maxLength: 30 }).map(document),
  fc.string({ maxLength: 30 }).map(question),
  fc.constantFrom('a', 'b', 'c').map((id) => asks(id)),
  fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.string({ maxLength: 60 })).map(([id, text]) => tells(id, text)),
)
const anyDiet = fc.record(
  {
    maxInputTokens: fc.integer({ min: 1, max: 200 }),
    maxHistoryTokens: fc.integer({ min: 1, max: 200 }),
    maxToolResultTokens: fc.integer({ min: 1, max: 80 }),
    maxDocumentTokens: fc.integer({ min: 1, max: 80 }),
  },
  { requiredKeys: [] },
)

it('whatever is cut: nothing pinned goes, no pair is split, nothing is added, and the order stands', () => {
  fc.assert(
    fc.property(fc.array(anySegment, { maxLength: 25 }), anyDiet, (given, diet) => {
      const { segments, cutHistory } = trim(given, { name: 'lean', ...diet }, count)
      const kept = new Set(segments)
      const texts = new Set(segments.map(({ text }) => text))
      const pinned = given.filter((one) => one.pinned === true)
      expect(pinned.filter((one) => !kept.has(one) && !texts.has(one.text))).toEqual([])
      expect(cutHistory.filter((one) => one.pinned === true)).toEqual([])
      // The whole pair went with it.
      const pairs = new Set(segments.flatMap(({ pairing }) => pairing ?? []))
      expect(cutHistory.filter(({ pairing }) => pairing !== undefined && pairs.has(pairing))).toEqual([])
      expect(segments.length).toBeLessThanOrEqual(given.length)
      const total = (list: readonly Segment[]) => list.reduce((sum, one) => sum + count(one), 0)
      expect(total(segments)).toBeLessThanOrEqual(total(given))
      const order = segments.map((one) => given.indexOf(one)).filter((index) => index >= 0)
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }),
    { numRuns: 2_000 },
  )
})
