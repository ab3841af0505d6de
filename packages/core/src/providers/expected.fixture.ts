import { describe, expect, test } from 'vitest'
import type { ErrorFacts } from '../call/host.ts'
import { reservedOf, settledOf } from './charging.ts'
import { providerId } from './ids.ts'
import type { Observation, Profile, ProviderFailure } from './profile.ts'

export const NOW = Date.parse('2026-11-23T06:05:00Z')
export const SECOND = 1_000
export const MINUTE = 60_000
export const DAY = 86_400_000

/** What a provider's page says, to be held against its profile. */
export interface Expected {
  /** Names that toolkits have for it. */
  names: readonly string[]
  /** The windows that its headers tell how large they are: unit and milliseconds. */
  scopes: readonly (readonly [string, number])[]
  headers: readonly HeaderCase[]
  errors: readonly (readonly [string, ErrorFacts, ProviderFailure])[]
  charges: readonly Charged[]
}

type HeaderCase = readonly [string, Record<string, string>, readonly Observation[], number?]

interface Charged {
  what: string
  model?: string
  /** Prompt, `max_tokens`, what is likely to be generated. */
  call: readonly [number, number | undefined, number]
  /** Of limits on tokens, input and output. */
  reserved: readonly [number, number, number]
  /** Prompt, output, and of the prompt what was read from the cache. */
  used: readonly [number, number, number?]
  settled: readonly [number, number, number]
}

/** Tests of one provider, from a table. */
export function holds(profile: Profile, { names, scopes, headers, errors, charges }: Expected): void {
  test.each([...names, profile.id])('%j is this provider', (name) => {
    expect(providerId(name)).toBe(profile.id)
  })

  test('the limits that its headers tell of', () => {
    expect(profile.scopes).toStrictEqual(scopes.map(([unit, perMs]) => ({ unit, perMs })))
  })

  describe('headers', () => {
    const cases: readonly HeaderCase[] = [['none', {}, []], ...headers]
    test.each(cases.map((one) => [one[0], one] as const))(
      '%s',
      (_, [, given, observations, retryAfterMs]) => {
        expect(profile.headers(given, NOW)).toStrictEqual({
          observations,
          ...(retryAfterMs !== undefined && { retryAfterMs }),
        })
      },
    )
  })

  describe('errors', () => {
    test.each(errors)('%s', (_, facts, failure) => {
      expect(profile.classify(facts, NOW)).toStrictEqual(failure)
    })
  })

  describe('charges', () => {
    test.each(charges)('$what', ({ model = 'model', call, used, reserved, settled }) => {
      const charging = profile.charges(model)
      const [input, maxOutput, likelyOutput] = call
      const [usedInput, output, cacheRead = 0] = used
      const use = { input: usedInput, output, cacheRead, maxOutput, exact: true }
      const units = ['tokens', 'input', 'output'] as const
      expect({
        reserved: units.map((unit) => reservedOf(unit, charging, { input, maxOutput, likelyOutput })),
        settled: units.map((unit) => settledOf(unit, charging, use)),
      }).toStrictEqual({ reserved, settled })
    })
  })
}
