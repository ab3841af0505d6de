import o200k from 'js-tiktoken/ranks/o200k_base'
import { describe, expect, test } from 'vitest'
import { PlimsollError } from '../call/errors.ts'
import type { Segment } from '../call/host.ts'
import { seededRandom } from '../time/random.ts'
import { estimateByClasses } from './classes.ts'
import { createEncoder } from './encoder.ts'
import { createEstimator } from './estimate.ts'
import { buildRankTable } from './build-rank-table.ts'
import type { Ranks } from './ranks.ts'
import { samples } from './samples.fixture.ts'

const encoder = createEncoder(buildRankTable(o200k))
const loaded: Ranks = { encoder, ready: () => Promise.resolve(true) }
const absent: Ranks = { encoder: undefined, ready: () => Promise.resolve(false) }
const exact = createEstimator(() => loaded)
const rough = createEstimator(() => absent)
const MODEL = 'gpt-5'
const texts = Object.values(samples())

function segment(fields: Partial<Segment>): Segment {
  return { role: 'user', kind: 'text', text: '', ...fields }
}

/** Texts of every kind in a random order, some hundred thousand characters of them. */
function mixture(seed: number): readonly string[] {
  const random = seededRandom(seed)
  return Array.from({ length: 120 }, () => texts[Math.floor(random() * texts.length)]!)
}

describe('a text', () => {
  test('is counted exactly when it is short', () => {
    for (const text of texts) {
      const short = text.slice(0, 8_192)
      expect(exact.estimate(short, MODEL)).toBe(encoder.count(short))
    }
    expect(exact.estimate('', MODEL)).toBe(0)
  })

  test('is sampled when it is long', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const text = mixture(seed).join('\n')
      const error = exact.estimate(text, MODEL) / encoder.count(text) - 1
      expect(error).toBeGreaterThan(-0.1)
      expect(error).toBeLessThan(0.25)
    }
  })

  test('is taken at its classes until the ranks are there', () => {
    expect(rough.estimate(texts[0]!, MODEL)).toBe(Math.ceil(estimateByClasses(texts[0]!)))
    const long = mixture(1).join('\n').repeat(4)
    const error = rough.estimate(long, MODEL) / estimateByClasses(long) - 1
    expect(error).toBeGreaterThan(-0.05)
    expect(error).toBeLessThan(0.2)
    expect(rough.estimate('', MODEL)).toBe(0)
  })

  test('of any length takes a bounded number of exact counts', () => {
    let counted = 0
    const counting = createEstimator(() => ({
      ready: loaded.ready,
      encoder: {
        ...encoder,
        count(text) {
          counted += text.length
          return encoder.count(text)
        },
      },
    }))
    counting.estimate('中文 '.repeat(3_000_000), MODEL)
    expect(counted).toBeLessThanOrEqual(8_192)
    counted = 0
    const many = Array.from({ length: 5_000 }, () => segment({ text: texts[0]! }))
    counting.segments(many, MODEL)
    expect(counted).toBeLessThanOrEqual(16_384)
  })

  test('of surrogates is never cut within one', () => {
    const text = '😀'.repeat(20_000)
    expect(exact.estimate(text, MODEL) / encoder.count(text)).toBeCloseTo(1, 1)
  })
})

describe('segments', () => {
  test('of one conversation: each text, 4 for each change of role, 3 for the reply', () => {
    const conversation = [
      segment({ role: 'system', text: 'Be brief.' }),
      segment({ text: 'Hello' }),
      segment({ text: ' world' }),
      segment({ role: 'assistant', text: 'Ahoy' }),
    ]
    const counted = ['Be brief.', 'Hello', ' world', 'Ahoy'].map((text) => encoder.count(text))
    expect(exact.segments(conversation, MODEL)).toBe(counted.reduce((a, b) => a + b) + 3 * 4 + 3)
    expect(exact.segments([], MODEL)).toBe(0)
  })

  test('say themselves what a part that is no text takes', () => {
    expect(exact.segments([segment({ kind: 'file', text: 'ignored', tokens: 765.2 })], MODEL)).toBe(766 + 7)
    expect(exact.segments([segment({ kind: 'file', tokens: 0 })], MODEL)).toBe(7)
  })

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 1e15, '5' as unknown as number])(
    'refuse %s tokens',
    (tokens) => {
      const refused = () => exact.segments([segment({}), segment({ tokens })], MODEL)
      expect(refused).toThrow(PlimsollError)
      expect(refused).toThrow('segments[1].tokens')
    },
  )

  test('that are many are sampled as one text', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const parts = mixture(seed)
      const truth = parts.reduce((total, text) => total + encoder.count(text), 0)
      const error =
        exact.segments(
          parts.map((text) => segment({ text })),
          MODEL,
        ) /
          truth -
        1
      expect(error).toBeGreaterThan(-0.08)
      expect(error).toBeLessThan(0.15)
    }
  })
})

test('an estimator by itself starts rough and becomes exact', async () => {
  const estimator = createEstimator()
  expect(estimator.estimate('hello', MODEL)).toBeGreaterThan(0)
  expect(await estimator.ready(MODEL)).toBe(true)
  expect(estimator.estimate(texts[0]!, MODEL)).toBe(encoder.count(texts[0]!))
})
