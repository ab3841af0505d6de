import { describe, expect, it } from 'vitest'
import { defineProvider } from './define.ts'
import type { ProviderProfile } from './provider-profile.ts'

const MINUTE = 60_000

describe('a provider of which nothing is said', () => {
  const profile = defineProvider({ id: 'own' })

  it('is as it is safe to assume', () => {
    expect(profile).toMatchObject({ id: 'own', charging: 'actual', scopes: [], data: { id: 'own' } })
    expect(profile.counting('tokens', MINUTE)).toStrictEqual({ algorithm: 'sliding-window' })
    expect(profile.charges('any')).toStrictEqual({
      rule: 'actual',
      cacheReadsFree: false,
      outputFree: false,
      burnDown: 1,
      maxOutputTokens: undefined,
    })
  })

  it('has headers that say nothing but how long to wait, and errors as all have them', () => {
    expect(profile.headers({ 'x-ratelimit-limit-requests': '5', 'retry-after': '2' }, 0)).toStrictEqual({
      observations: [],
      retryAfterMs: 2_000,
    })
    expect(profile.classify({ status: 429 }, 0)).toStrictEqual({ class: 'rate-limit', status: 429 })
  })
})

describe('a provider of one’s own', () => {
  const data: ProviderProfile = {
    id: 'own',
    algorithm: 'token-bucket',
    charging: 'slot',
    cacheReadsFree: 'input',
    outputFree: true,
    headers: [
      { unit: 'tokens', perMs: 1_000, limit: 'X-Most' },
      { unit: 'tokens', perMs: 1_000, limit: 'X-Most-Too' },
      { unit: 'tokens', perMs: MINUTE, limit: 'X-Most-Of-A-Minute' },
      { unit: 'requests', perMs: 1_000, remaining: 'X-Left' },
    ],
    waits: [{ header: 'X-Wait', as: 'seconds' }],
    errors: [{ when: { code: 'BUSY' }, class: 'overloaded' }],
  }
  const own = defineProvider(data)

  it('is as its data has it', () => {
    expect(own.charging).toBe('slot')
    expect(own.counting('output', 5)).toStrictEqual({ algorithm: 'token-bucket' })
    expect(own.charges('any')).toMatchObject({ rule: 'slot', cacheReadsFree: 'input', outputFree: true })
    expect(own.headers({ 'x-most': '7', 'x-wait': '3' }, 0)).toStrictEqual({
      observations: [{ unit: 'tokens', perMs: 1_000, limit: 7 }],
      retryAfterMs: 3_000,
    })
    expect(own.classify({ status: 400, code: 'busy', headers: { 'x-wait': '3' } }, 0)).toStrictEqual({
      class: 'overloaded',
      status: 400,
      retryAfterMs: 3_000,
    })
  })

  it('tells of each limit once, and of none that no header says how large it is', () => {
    expect(own.scopes).toStrictEqual([
      { unit: 'tokens', perMs: 1_000 },
      { unit: 'tokens', perMs: MINUTE },
    ])
  })

  it('is like another in what it leaves out, and has none of its names', () => {
    const base = defineProvider({ ...data, id: 'base', aliases: ['basis'] })
    const like = defineProvider({ id: 'like', charging: 'max', like: 'base' }, base)
    expect(like.data).toStrictEqual({ ...data, id: 'like', like: 'base', charging: 'max', aliases: [] })
    const unsaid = { id: 'like', charging: undefined } as unknown as ProviderProfile
    expect(defineProvider(unsaid, base).charging).toBe('slot')
    expect([like.charging, like.counting('tokens', 5).algorithm]).toStrictEqual(['max', 'token-bucket'])
    expect(defineProvider({ id: 'like', aliases: ['mine'] }, base).data.aliases).toStrictEqual(['mine'])
  })
})

describe('what is otherwise for a model', () => {
  const { charges } = defineProvider({
    id: 'own',
    cacheReadsFree: true,
    models: [
      { match: 'mini', burnDown: 2, cacheReadsFree: false },
      { match: '^gpt', burnDown: 3, maxOutputTokens: 500 },
      { match: 'large', maxOutputTokens: 900 },
    ],
  })

  it('is, field by field, what the first entry that matches says', () => {
    expect(charges('gpt-mini')).toMatchObject({ burnDown: 2, cacheReadsFree: false, maxOutputTokens: 500 })
    expect(charges('GPT-LARGE')).toMatchObject({ burnDown: 3, cacheReadsFree: true, maxOutputTokens: 500 })
    expect(charges('large')).toMatchObject({ burnDown: 1, maxOutputTokens: 900 })
    expect(charges('other')).toMatchObject({ burnDown: 1, cacheReadsFree: true, maxOutputTokens: undefined })
  })

  it('looks at 256 characters of its name', () => {
    expect([
      charges(`${'x'.repeat(252)}mini`).burnDown,
      charges(`${'x'.repeat(253)}mini`).burnDown,
    ]).toStrictEqual([2, 1])
  })

  it('is worked out once, for a thousand models, and then anew', () => {
    const first = charges('first')
    expect(charges('first')).toBe(first)
    const fresh = defineProvider({ id: 'own' })
    const known = fresh.charges('first')
    for (let index = 1; index < 1_000; index++) fresh.charges(String(index))
    expect(fresh.charges('first')).toBe(known)
    fresh.charges('one more')
    expect(fresh.charges('first')).not.toBe(known)
  })
})
