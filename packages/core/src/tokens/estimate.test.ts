import o200k from 'js-tiktoken/ranks/o200k_base'
import { describe, expect, test } from 'vitest'
import { PlimsollError } from '../call/errors.ts'
import type { Segment } from '../call/host.ts'
import { seededRandom } from '../time/random.ts'
import { estimateByClasses } from './classes.ts'
import { createEncoder } from './encoder.ts'
import { createEstimator, type Estimator } from './estimate.ts'
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

/** An estimator that has seen enough long inputs to look closely. */
function practised(ranks: Ranks = loaded): Estimator {
  const estimator = createEstimator(() => ranks)
  for (let index = 0; index < 16; index++) estimator.estimate('x'.repeat(200_000), MODEL)
  return estimator
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
    const estimator = practised()
    for (let seed = 1; seed <= 20; seed++) {
      const text = mixture(seed).join('\n')
      const truth = encoder.count(text)
      const error = estimator.estimate(text, MODEL) / truth - 1
      expect(error).toBeGreaterThan(-0.1)
      expect(error).toBeLessThan(0.2)
      const first = createEstimator(() => loaded).estimate(text, MODEL) / truth - 1
      expect(first).toBeGreaterThan(-0.1)
      expect(first).toBeLessThan(0.4)
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
    // An estimator for each: what is known of a text would help with the next.
    for (let seed = 1; seed <= 10; seed++) {
      const parts = mixture(seed)
      const truth = parts.reduce((total, text) => total + encoder.count(text), 0)
      const input = parts.map((text) => segment({ text }))
      const error = practised().segments(input, MODEL) / truth - 1
      expect(error).toBeGreaterThan(-0.08)
      expect(error).toBeLessThan(0.15)
    }
  })
})

describe('what comes again', () => {
  const system = Object.values(samples()).join('\n').slice(0, 8_000)
  const long = mixture(3).join('\n')

  /** An estimator, and how many characters it has had counted exactly. */
  function counting() {
    let counted = 0
    const watched: Ranks = {
      ready: loaded.ready,
      encoder: {
        ...encoder,
        count(text) {
          counted += text.length
          return encoder.count(text)
        },
      },
    }
    return { estimator: createEstimator(() => watched), counted: () => counted }
  }

  test('is counted once', () => {
    const { estimator, counted } = counting()
    const asked = (question: string) => [
      segment({ role: 'system', text: system }),
      segment({ text: question }),
    ]
    const once = estimator.segments(asked('Which?'), MODEL)
    expect(counted()).toBe(system.length + 6)
    expect(estimator.segments(asked('Where?'), MODEL)).toBe(
      once - encoder.count('Which?') + encoder.count('Where?'),
    )
    expect(counted()).toBe(system.length + 12)
  })

  test('is told apart by encoding', () => {
    const { estimator, counted } = counting()
    for (const model of ['gpt-5', 'gpt-4', 'o3', 'gpt-4']) estimator.estimate(system, model)
    expect(counted()).toBe(2 * system.length)
  })

  test('is exact before long, however long it is', () => {
    const { estimator } = counting()
    const truth = encoder.count(long)
    const first = estimator.estimate(long, MODEL)
    expect(first).not.toBe(truth)
    for (let call = 0; call < 100; call++) {
      const error = estimator.estimate(long, MODEL) / truth - 1
      expect(error).toBeGreaterThan(-0.05)
      expect(error).toBeLessThan(0.4)
    }
    expect(estimator.estimate(long, MODEL)).toBe(truth)
    expect(estimator.segments([segment({ text: long }), segment({ text: 'Ahoy' })], MODEL)).toBe(
      truth + encoder.count('Ahoy') + 7,
    )
  })
})

describe('the first long inputs', () => {
  const letters = (index: number) => `${String.fromCharCode(97 + (index % 26))}`.repeat(300_000 + index)

  test('are looked at less closely, with the ranks and without', () => {
    let counted = 0
    const watched: Ranks = {
      ready: loaded.ready,
      encoder: {
        ...encoder,
        count(text) {
          counted += text.length
          return encoder.count(text)
        },
      },
    }
    const estimator = createEstimator(() => watched)
    const each = Array.from({ length: 40 }, (_, index) => {
      const before = counted
      estimator.estimate(letters(index), MODEL)
      return counted - before
    })
    expect(each.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => 16 * 96))
    expect(each.slice(16)).toEqual(Array.from({ length: 24 }, () => 16 * 256))
  })

  test('are not those that are short', () => {
    const estimator = createEstimator(() => absent)
    for (let index = 0; index < 100; index++) estimator.estimate('short', MODEL)
    // A text that is letters where the first samples of 256 are taken, and blanks elsewhere.
    const stride = (400_000 - 256) / 31
    const blanks = [...' '.repeat(400_000)]
    for (let sample = 0; sample < 32; sample++)
      blanks.fill('x', Math.floor(sample * stride), Math.floor(sample * stride) + 256)
    const tricky = blanks.join('')
    const found = Array.from({ length: 17 }, () => estimator.estimate(tricky, MODEL))
    expect(new Set(found.slice(0, 16)).size).toBe(1)
    expect(found[0]).toBeGreaterThan(3 * found[16]!)
  })
})

test('nothing is loaded for nothing', () => {
  const estimator = createEstimator(() => {
    throw new Error('Loaded.')
  })
  expect(estimator.estimate('', MODEL)).toBe(0)
  expect(estimator.segments([], MODEL)).toBe(0)
  expect(estimator.segments([segment({ kind: 'file', tokens: 9 })], MODEL)).toBe(16)
})

test('an estimator by itself starts rough and becomes exact', async () => {
  const estimator = createEstimator()
  expect(estimator.estimate('hello', MODEL)).toBeGreaterThan(0)
  expect(await estimator.ready(MODEL)).toBe(true)
  expect(estimator.estimate(texts[0]!, MODEL)).toBe(encoder.count(texts[0]!))
})
