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

describe('what is cut, to the token', () => {
  const lean = (segments: readonly Segment[], diet: Partial<Diet>) =>
    trim(segments, { name: 'lean', ...diet }, count)

  it('of history: what went, where it stood, and what it came to', () => {
    const { cutHistory, cutAt, cut } = lean(
      [system('rules'), user('old'), said('one'), user('newer'), said('two'), question('?')],
      { maxHistoryTokens: 8 },
    )
    expect(cutHistory.map(({ text }) => text)).toEqual(['old', 'one'])
    expect([cutAt, cut]).toEqual([1, { history: 6, toolResults: 0, documents: 0, repeated: 0 }])
  })

  it('of nothing: nothing, and it stood nowhere', () => {
    const { cutHistory, cutAt, cut, segments } = lean([user('old'), question('?')], { maxInputTokens: 4 })
    expect([cutHistory, cutAt, segments.length]).toEqual([[], 0, 2])
    expect(cut).toEqual({ history: 0, toolResults: 0, documents: 0, repeated: 0 })
  })

  it('of a result: down to its bound, its mark included, and not below', () => {
    const { segments, cut } = lean([question('?'), tells('a', 'x'.repeat(100))], { maxToolResultTokens: 50 })
    const left = segments[1]!.text.length
    expect(left).toBeLessThanOrEqual(50)
    expect(left).toBeGreaterThan(40)
    expect(cut.toolResults).toBe(100 - left)
  })

  it('of documents: those at the end, the one at the border to its beginning', () => {
    const found = ['a', 'b', 'c'].map((letter) => document(letter.repeat(40)))
    const { segments, cut } = lean([...found, question('?')], { maxDocumentTokens: 60 })
    expect(segments.map(({ text }) => text[0])).toEqual(['a', 'b', '?'])
    expect(segments[1]!.text).toMatch(/^b+\n\[\.\.\.\]$/)
    expect(cut.documents).toBe(120 - 40 - segments[1]!.text.length)
  })

  it.each([
    [4, 0],
    [9, 8],
    [10, 10],
    [11, 10],
    [14, 10],
    [20, 20],
  ])('of two documents of ten tokens each, %d may stay: %d do', (maxDocumentTokens, left) => {
    const { segments } = lean([document('a'.repeat(10)), document('b'.repeat(10))], { maxDocumentTokens })
    expect(segments.reduce((sum, one) => sum + count(one), 0)).toBe(left)
  })

  it('of documents for a bound of the whole, when all history is gone', () => {
    const { segments, cut } = lean([user('old'), said('one'), document('d'.repeat(40)), question('now?')], {
      maxInputTokens: 34,
    })
    expect(segments.map(({ kind }) => kind)).toEqual(['document', 'text'])
    expect(segments.reduce((sum, one) => sum + count(one), 0)).toBeLessThanOrEqual(34)
    expect([cut.history, cut.documents]).toEqual([6, 40 - segments[0]!.text.length])
  })
})

describe('what is never cut', () => {
  it('a document, or a result, that is pinned', () => {
    const pinned = [
      { ...document('d'.repeat(50)), pinned: true },
      { ...tells('a', 'x'.repeat(50)), pinned: true },
      question('?'),
    ]
    const bounds = {
      maxDocumentTokens: 10,
      maxToolResultTokens: 10,
      maxInputTokens: 10,
      maxHistoryTokens: 10,
    }
    expect(textsOf(pinned, bounds)).toEqual(pinned.map(({ text }) => text))
  })

  it('a result that is just as long as it may be', () => {
    expect(textsOf([question('?'), tells('a', 'x'.repeat(50))], { maxToolResultTokens: 50 })[1]).toHaveLength(
      50,
    )
  })

  it('what is no result, by the bound of results', () => {
    const long = 'x'.repeat(50)
    expect(
      textsOf([user(long), said(long), asks('a', long), question('?')], { maxToolResultTokens: 10 }),
    ).toEqual([long, long, long, '?'])
  })

  it('the frame of a request, whoever says it', () => {
    const frame: Segment[] = [
      { role: 'system', kind: 'text', text: 'rules' },
      { role: 'user', kind: 'tools', text: 'tools' },
      { role: 'user', kind: 'schema', text: 'schema' },
    ]
    expect(textsOf([...frame, user('old'), question('?')], { maxHistoryTokens: 1 })).toEqual([
      'rules',
      'tools',
      'schema',
      '?',
    ])
  })

  it('a result that is a picture: it has no beginning', () => {
    const picture: Segment = { ...tells('a', ''), tokens: 800 }
    const { segments } = trim([question('?'), picture], { name: 'lean', maxToolResultTokens: 10 }, count)
    expect(segments[1]).toEqual(picture)
  })

  it('words that two people said, and those that a document and the rules share', () => {
    const same = [user('yes'), said('yes'), user('yes'), system('yes'), document('yes'), tells('a', 'yes')]
    expect(textsOf(same, {})).toHaveLength(6)
    const empty = [document(''), document(''), system(''), system('')]
    expect(textsOf(empty, {})).toHaveLength(4)
    const paired = [
      { ...document('found'), pairing: 'a' },
      { ...document('found'), pairing: 'b' },
    ]
    expect(textsOf(paired, {})).toHaveLength(2)
  })
})

it('a result with a text and a count of its own is counted anew once it is shorter', () => {
  const result: Segment = { ...tells('a', 'x'.repeat(100)), tokens: 200 }
  const { segments } = trim([question('?'), result], { name: 'lean', maxToolResultTokens: 50 }, count)
  expect(segments[1]!.tokens).toBeUndefined()
  expect(segments[1]!.text.length).toBeLessThanOrEqual(50)
})

describe('a turn', () => {
  it('is all that is asked in a row, and all that is answered', () => {
    const chat = [user('1'), user('2'), said('3'), said('4'), user('5'), said('6'), question('?')]
    expect(textsOf(chat, { maxHistoryTokens: 5 })).toEqual(['5', '6', '?'])
    expect(textsOf(chat, { maxHistoryTokens: 1 })).toEqual(['?'])
  })

  it('begins with an answer where a chat does', () => {
    const chat = [said('hello'), user('1'), said('2'), question('?')]
    expect(textsOf(chat, { maxHistoryTokens: 2 })).toEqual(['1', '2', '?'])
  })

  it('has the results of its calls, wherever they stand', () => {
    const chat = [user('1'), asks('a', 'A'), user('2'), said('3'), tells('a', 'B'), question('?')]
    expect(textsOf(chat, { maxHistoryTokens: 4 })).toEqual(['2', '3', '?'])
  })

  it('of several calls at once is one', () => {
    const agent = [
      question('?'),
      asks('a', 'A'),
      asks('b', 'B'),
      tells('a', 'C'),
      tells('b', 'D'),
      asks('c', 'E'),
      tells('c', 'F'),
    ]
    expect(textsOf(agent, { maxHistoryTokens: 5 })).toEqual(['?', 'E', 'F'])
  })

  it('after the last question is under way, and stays; where nobody has asked there is none', () => {
    expect(textsOf([user('1'), said('2')], { maxHistoryTokens: 1 })).toEqual(['2'])
    expect(textsOf([said('1'), said('2')], { maxHistoryTokens: 1 })).toEqual([])
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
