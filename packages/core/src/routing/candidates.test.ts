import { describe, expect, it } from 'vitest'
import { candidatesOf, lengthFor, startingTargets, strongerThan } from './candidates.ts'
import type { Calling, Candidate } from './candidates.ts'
import { NO_LADDER } from './ladder.ts'
import type { Ladder, LadderRung } from './ladder.ts'

const LESSER: LadderRung = { kind: 'target', target: 'lesser' }
const SAID: LadderRung = { kind: 'silent', name: 'message', answer: async () => undefined }
const trim = async () => {
  throw new Error('not asked here')
}
const SHORTER: LadderRung = { kind: 'shorter', maxOutputTokens: 50, trim }
const ladder = (own: Partial<Ladder> = {}): Ladder => ({ ...NO_LADDER, ...own })

const high = (stronger: readonly string[]): Partial<Ladder> => ({ high: true, stronger, targets: ['t'] })
const LISTED: Partial<Ladder> = { high: true, targets: ['a', 'b'] }
const ALONE = { targets: ['a'], interactive: false }

/** Each in short: its target, the wait it has, the rung. */
function shown(candidates: readonly Candidate[]): string[] {
  return candidates.map((one) =>
    one.kind === 'silent'
      ? one.rung
      : [one.target, one.maxWaitMs ?? 'queue', one.rung ?? [], one.again ? 'again' : []].flat().join(' '),
  )
}

describe('the list of candidates', () => {
  it('is the targets, with the patience of the queue', () => {
    expect(shown(candidatesOf(ladder(), { targets: ['a', 'b'], interactive: false }))).toEqual([
      'a queue',
      'b queue',
    ])
  })

  it('looks around for room first, where somebody looks on', () => {
    expect(shown(candidatesOf(ladder(), { targets: ['a', 'b'], interactive: true }))).toEqual([
      'a 100 again',
      'b 100 again',
      'a queue',
      'b queue',
    ])
  })

  it('looks around for room first, where the strategy is room', () => {
    const walker = { targets: ['a', 'b'], interactive: false }
    expect(shown(candidatesOf(ladder({ strategy: 'headroom' }), walker))).toHaveLength(4)
    expect(shown(candidatesOf(ladder({ strategy: 'cost' }), walker))).toHaveLength(2)
  })

  it('does not look around where there is one target', () => {
    expect(shown(candidatesOf(ladder(), { targets: ['a'], interactive: true }))).toEqual(['a queue'])
  })

  it('has the rungs behind, in their order; of a stream that breaks off there is none', () => {
    const rungs = [LESSER, SHORTER, { kind: 'partial' } as const, SAID]
    expect(shown(candidatesOf(ladder({ rungs }), { targets: ['a', 'b'], interactive: false }))).toEqual([
      'a queue',
      'b queue',
      'lesser queue lesser-model',
      'a queue shorter',
      'b queue shorter',
      'message',
    ])
  })

  it('waits two seconds where somebody looks on, and there is something to fall to', () => {
    const targets = ['a']
    expect(shown(candidatesOf(ladder({ rungs: [LESSER, SHORTER] }), { targets, interactive: true }))).toEqual(
      ['a 2000', 'lesser 2000 lesser-model', 'a 2000 shorter'],
    )
    expect(shown(candidatesOf(ladder({ rungs: [SAID] }), { targets, interactive: false }))).toEqual([
      'a queue',
      'message',
    ])
  })

  it('waits as long as the task says, whoever asks', () => {
    const own = ladder({ rungs: [LESSER], maxWaitMs: 7 })
    for (const interactive of [true, false]) {
      expect(shown(candidatesOf(own, { targets: ['a'], interactive }))).toEqual([
        'a 7',
        'lesser 7 lesser-model',
      ])
    }
  })

  it('gives a shorter answer its own length and diet, and no other candidate one', () => {
    const [plain, shorter] = candidatesOf(ladder({ rungs: [SHORTER] }), {
      targets: ['a'],
      interactive: false,
    })
    expect(plain).toMatchObject({ maxOutputTokens: undefined, trim: undefined })
    expect(shorter).toMatchObject({ maxOutputTokens: 50, trim })
  })
})

describe('how long an answer may be', () => {
  it.each([
    [undefined, undefined, undefined, undefined],
    [undefined, undefined, 800, 800],
    [undefined, 900, 800, 900],
    [undefined, 300, 800, 300],
    [200, 300, 800, 200],
    [200, 100, 800, 100],
    [200, undefined, 100, 100],
    [200, undefined, undefined, 200],
  ])('a rung of %s, a call that asks for %s, a task of %s: %s', (own, asked, task, expected) => {
    const candidate = { ...(candidatesOf(ladder(), ALONE)[0] as Calling), maxOutputTokens: own }
    expect(lengthFor(candidate, asked, ladder({ maxOutputTokens: task }))).toBe(expected)
  })
})

describe('who is stronger', () => {
  it('are those of the ladder that were not asked, with the patience of the task', () => {
    const own = ladder({ stronger: ['b', 'c', 'd'], maxWaitMs: 9 })
    expect(shown(strongerThan(own, new Set(['c'])))).toEqual(['b 9', 'd 9'])
  })
})

describe('where to begin', () => {
  const call = { target: 'x', named: false, offered: undefined }

  it.each<[string, Partial<Ladder>, Parameters<typeof startingTargets>[1], string[]]>([
    ['with the task’s targets', { targets: ['a', 'b'] }, call, ['a', 'b']],
    ['with what the call names', { targets: ['a', 'b'] }, { ...call, target: 'b', named: true }, ['b', 'a']],
    ['with what no task lists', {}, call, ['x']],
    ['with what the host offers', {}, { ...call, offered: ['p', 'q'] }, ['p', 'q']],
    ['with what is listed and offered', { targets: ['a', 'b'] }, { ...call, offered: ['b', 'z'] }, ['b']],
    ['with the call’s own where none of them is', { targets: ['a'] }, { ...call, offered: ['z'] }, ['x']],
    ['with the strongest where the risk is high', high(['a', 'b', 'c']), call, ['c', 'b', 'a']],
    [
      'with the strongest that is offered',
      high(['a', 'b', 'c']),
      { ...call, offered: ['a', 'b'] },
      ['b', 'a'],
    ],
    ['with nothing, where no strong one is', high(['a']), { ...call, offered: ['z'] }, []],
    [
      'with the strongest, whoever is named',
      high(['a', 'b']),
      { ...call, target: 'a', named: true },
      ['b', 'a'],
    ],
    ['with the listed of high risk, and no other', LISTED, { ...call, named: true }, ['a', 'b']],
    ['with the listed of high risk as far as offered', LISTED, { ...call, offered: ['b'] }, ['b']],
    ['with nothing, where none of those is', LISTED, { ...call, offered: ['z'] }, []],
  ])('%s', (_, own, given, expected) => {
    expect(startingTargets(ladder(own), given)).toEqual(expected)
  })
})
