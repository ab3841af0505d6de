import { describe, expect, it } from 'vitest'
import type { Segment } from '../call/host.ts'
import { Prefixes } from './prefixes.ts'

const system = (text: string): Segment => ({ role: 'system', kind: 'text', text })
const user = (text: string): Segment => ({ role: 'user', kind: 'text', text })

describe('where prompts begin to differ', () => {
  it('is told once for each place', () => {
    const prefixes = new Prefixes()
    const seen = [
      [system('a'), system('b'), user('1')],
      [system('a'), system('b'), user('2')],
      [system('a'), system('at 10:01'), user('2')],
      [system('a'), system('at 10:02'), user('2')],
      [system('x'), system('at 10:03'), user('2')],
      [system('y'), user('2')],
    ].map((segments) => prefixes.changed('k', segments))
    expect(seen).toEqual([undefined, undefined, 1, undefined, 0, undefined])
  })

  it('is nowhere when more is said, and where something is gone', () => {
    const prefixes = new Prefixes()
    const seen = [[system('a')], [system('a'), system('b')], [system('a')]].map((segments) =>
      prefixes.changed('k', segments),
    )
    expect(seen).toEqual([undefined, undefined, 1])
  })

  it('is between prompts of one kind', () => {
    const prefixes = new Prefixes()
    prefixes.changed('k', [system('a')])
    expect(prefixes.changed('l', [system('b')])).toBeUndefined()
  })
})
