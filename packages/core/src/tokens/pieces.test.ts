import * as fc from 'fast-check'
import cl100k from 'js-tiktoken/ranks/cl100k_base'
import o200k from 'js-tiktoken/ranks/o200k_base'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../time/random.ts'
import { buildKinds } from './build-kinds.ts'
import { cuttingOf } from './cutting.ts'
import { PIECE_ENDS } from './pieces.ts'
import { randomText, samples } from './samples.fixture.ts'
import { anyText, TRICKY } from './texts.fixture.ts'

const kinds = buildKinds()

describe.each([
  ['o200k_base', o200k.pat_str],
  ['cl100k_base', cl100k.pat_str],
])('pieces of %s', (_, pattern) => {
  const expression = new RegExp(pattern, 'gu')
  const pieceEnd = PIECE_ENDS[cuttingOf(pattern)]

  function pieces(text: string): string[] {
    const found: string[] = []
    for (let from = 0; from < text.length;) {
      const to = pieceEnd(text, from, kinds)
      if (!(to > from && to <= text.length)) throw new Error(`${from} is followed by ${to}.`)
      found.push(text.slice(from, to))
      from = to
    }
    return found
  }

  const matches = (text: string) => [...text.matchAll(expression)].map(([piece]) => piece)
  const differ = (text: string) => JSON.stringify(pieces(text)) !== JSON.stringify(matches(text))

  test('are what its expression matches, in any three characters side by side', () => {
    const wrong: string[] = []
    for (const first of TRICKY)
      for (const second of TRICKY)
        for (const third of TRICKY) {
          const text = first + second + third
          if (differ(text)) wrong.push(text)
        }
    expect(wrong).toEqual([])
  })

  test('are what its expression matches, in any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(pieces(text)).toEqual(matches(text))
      }),
      { numRuns: 5_000 },
    )
  })

  test('are what its expression matches, in 5,000 random texts and every sample', () => {
    const random = seededRandom(23)
    const texts = [...Object.values(samples()), ...Array.from({ length: 5_000 }, () => randomText(random))]
    expect(texts.filter(differ)).toEqual([])
  })

  test.each([
    "it's",
    "IT'S",
    "x't",
    "x'M",
    "x'd",
    "x're",
    "x'Re",
    "x'VE",
    "x'll",
    "x'LL",
    "x'lL",
    "'s",
    "'ll",
  ])('mind the contraction of %s, and only that', (text) => {
    for (const near of [
      text,
      `${text}x`,
      ` ${text} `,
      text.slice(0, -1),
      `${text.slice(0, -1)}x`,
      `${text}'s`,
    ])
      expect(pieces(near)).toEqual(matches(near))
  })
})
