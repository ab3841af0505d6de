import { describe, expect, it } from 'vitest'
import { PlimsollError } from '../call/errors.ts'
import { BUILT_IN } from './built-in.ts'
import { profilesWith } from './profiles.ts'
import type { ProviderProfile } from './provider-profile.ts'

describe('a provider that we know', () => {
  it.each(BUILT_IN.map(({ id }) => id))('%s has its own profile', (id) => {
    expect(profilesWith([]).for(id)).toMatchObject({ id })
  })

  it('is found by any of its names', () => {
    const profiles = profilesWith([])
    expect([profiles.for('azure-openai.chat').id, profiles.for('gcp.vertex_ai').id]).toEqual([
      'azure',
      'vertex',
    ])
    expect(profiles.isOwn('azure')).toBe(false)
  })

  it('is a generic one to whom we know nothing of', () => {
    for (const name of ['my-vllm', 'perplexity', '__proto__', 'constructor', '', 'unknown'])
      expect(profilesWith([]).for(name).id).toBe('generic')
  })
})

describe('a provider of one’s own', () => {
  const own: ProviderProfile = { id: 'My.House', aliases: ['the_house', 'House.Chat'], charging: 'slot' }
  const profiles = profilesWith([own, { id: 'other' }])

  it('is found by its id and aliases, however toolkits write them', () => {
    for (const name of ['My.House', 'my-house', 'my_house.chat', 'the.house', 'house', 'HOUSE.responses'])
      expect([profiles.for(name).id, profiles.isOwn(name)]).toEqual(['My.House', true])
    expect([profiles.for('other').id, profiles.isOwn('another')]).toEqual(['other', false])
    expect([profiles.for('openai').id, profiles.for('another').id]).toEqual(['openai', 'generic'])
  })

  it('wins over one that we know, by its id or by an alias', () => {
    const mine = profilesWith([
      { id: 'openai', charging: 'max' },
      { id: 'proxy', aliases: ['google.generative-ai'] },
    ])
    expect([mine.for('openai.chat').charging, mine.for('google').id, mine.for('vertex').id]).toEqual([
      'max',
      'proxy',
      'vertex',
    ])
    expect(mine.for('openai').scopes).toEqual([])
  })

  it('is like one that we know where it says so, though that is one’s own too', () => {
    const mine = profilesWith([{ id: 'openai' }, { id: 'proxy', like: 'openai', charging: 'max' }])
    expect(mine.for('proxy').scopes).toHaveLength(2)
    expect(mine.for('proxy').charging).toBe('max')
  })

  it.each<[string, ProviderProfile[], string]>([
    [
      'the same id',
      [{ id: 'a' }, { id: 'A' }],
      "`providers[1]` has the name 'a', which `providers[0]` has too; leave it to one of them.",
    ],
    [
      'an alias that another has',
      [{ id: 'a', aliases: ['x_y'] }, { id: 'b' }, { id: 'c', aliases: ['x.y'] }],
      "`providers[2]` has the name 'x-y', which `providers[0]` has too; leave it to one of them.",
    ],
  ])('may not have %s', (_, list, message) => {
    const making = () => profilesWith(list)
    expect(making).toThrow(PlimsollError)
    expect(making).toThrow(expect.objectContaining({ code: 'invalid-config', message }) as Error)
  })

  it('may name itself twice', () => {
    expect(profilesWith([{ id: 'a.b', aliases: ['a-b', 'A_B'] }]).for('a_b').id).toBe('a.b')
  })
})
