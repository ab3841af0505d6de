import cl100k from 'js-tiktoken/ranks/cl100k_base'
import o200k from 'js-tiktoken/ranks/o200k_base'
import { describe, expect, test } from 'vitest'
import { estimateByClasses } from './classes.ts'
import { createEncoder } from './encoder.ts'
import { buildRankTable } from './build-rank-table.ts'
import { samples } from './samples.fixture.ts'

const encoders = {
  o200k_base: createEncoder(buildRankTable(o200k)),
  cl100k_base: createEncoder(buildRankTable(cl100k)),
}

/** How far an estimate may be below and above the exact count. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  prose: [-0.1, 0.1],
  code: [-0.1, 0.1],
  json: [-0.1, 0.1],
  'json, minified': [-0.1, 0.1],
  chinese: [-0.1, 0.25],
  'chinese without a break': [-0.1, 0.25],
  japanese: [-0.1, 0.25],
  korean: [-0.1, 0.25],
  russian: [-0.1, 0.25],
  emoji: [-0.1, 0.25],
  base64: [-0.1, 0.25],
}

describe('against the exact count', () => {
  test.each(Object.entries(samples()))('%s', (kind, text) => {
    const [below, above] = BOUNDS[kind]!
    for (const encoding of ['o200k_base', 'cl100k_base'] as const) {
      const error = estimateByClasses(text, encoding) / encoders[encoding].count(text) - 1
      expect(error).toBeGreaterThan(below)
      expect(error).toBeLessThan(above)
    }
  })
})

test('of nothing is nothing, and of a letter without end less than one each', () => {
  expect(estimateByClasses('')).toBe(0)
  expect(estimateByClasses('x'.repeat(1_000_000))).toBeLessThan(500_000)
})

test('every code unit has a class, and one more never lowers the estimate', () => {
  for (let code = 0; code < 65_536; code += 7) {
    const character = String.fromCharCode(code)
    expect(estimateByClasses(`word ${character}`)).toBeGreaterThanOrEqual(estimateByClasses('word '))
    expect(estimateByClasses(character)).toBeLessThan(3)
  }
})
