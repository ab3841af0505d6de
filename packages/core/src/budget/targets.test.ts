import { describe, expect, it } from 'vitest'
import { setUp } from '../../test/support/set-up.ts'
import type { PlimsollConfig } from '../config/config.ts'

const one = { limits: { concurrency: 1 } } as const
const CALL = { inputTokens: 1, maxOutputTokens: 1 }

function refused(config: PlimsollConfig): unknown {
  try {
    return setUp(config)
  } catch (error) {
    return error
  }
}

async function keysOf(config: PlimsollConfig, target: string): Promise<string[]> {
  const { limits } = await setUp(config).plimsoll.headroom(target)
  return limits.map(({ key }) => key)
}

describe('a target', () => {
  it('has the limits that are listed, and no others', async () => {
    expect(
      await keysOf({ targets: { 'openai/model': { limits: { rpm: 1, concurrency: 2 } } } }, 'openai/model'),
    ).toEqual(['limit:openai/model:requests:60000', 'limit:openai/model:slots'])
  })

  it('of a pool shares its limits and its queue with the others, and has its own beside them', async () => {
    const targets = { 'openai/a': { pool: 'p', limits: { rpm: 9 } }, 'openai/b': { pool: 'p' } }
    const { plimsoll, left } = setUp({ targets, pools: { p: one } })
    plimsoll.reserve({ target: 'openai/a', ...CALL })
    expect(plimsoll.reserve({ target: 'openai/b', ...CALL }).state).toBe('queued')
    expect([await left('openai/b', 'slots'), await left('openai/a', 'requests')]).toEqual([0, 8])
  })

  it('without limits or a pool learns them, told once when nobody listed it', async () => {
    const { plimsoll, events } = setUp({ targets: { 'openai/listed': {} } })
    for (const target of ['openai/listed', 'openai/met', 'openai/met']) plimsoll.reserve({ target, ...CALL })
    expect(
      (await plimsoll.headroom('openai/listed')).limits.map(({ unit, capacity }) => [unit, capacity]),
    ).toContainEqual(['slots', 8])
    expect(events.filter(({ type }) => type === 'target.unlisted')).toMatchObject([{ target: 'openai/met' }])
  })

  it('that nobody listed is refused under `strict`, naming those that are', () => {
    const { plimsoll } = setUp({ strict: true, targets: { 'openai/listed': one } })
    expect(() => plimsoll.reserve({ target: 'openai/other', ...CALL })).toThrow(
      /openai\/other.*openai\/listed/,
    )
  })

  it('without a `/` is a model of nobody known', () => {
    expect(setUp().plimsoll.reserve({ target: 'my-model', ...CALL }).state).toBe('granted')
  })

  it('counts as the provider that it names does, whatever its id', async () => {
    const limits = { tpm: 1_000 }
    const { plimsoll, left } = setUp({
      targets: { 'eu/model': { provider: 'azure', limits }, 'generic/model': { limits } },
    })
    for (const target of ['eu/model', 'generic/model']) {
      const { reservation } = plimsoll.reserve({ target, inputTokens: 10, maxOutputTokens: 100 })
      reservation!.settle({ inputTokens: 10, outputTokens: 5 }, 'exact')
    }
    // Azure keeps `max_tokens`; of others what was used is known.
    expect([await left('eu/model', 'tokens'), await left('generic/model', 'tokens')]).toEqual([890, 985])
  })
})

describe('a mistake in the configuration of a target', () => {
  it.each([
    [
      'an unknown provider',
      { targets: { 'x/y': { provider: 'nobody', ...one } } },
      /targets\['x\/y'\]\.provider.*nobody.*generic/,
    ],
    [
      'a pool that is not listed',
      { targets: { 'x/y': { pool: 'p' } }, pools: { q: one } },
      /targets\['x\/y'\]\.pool.*'p'.*q/,
    ],
    ['a pool named as what every object has', { targets: { 'x/y': { pool: 'constructor' } } }, /constructor/],
    [
      'learning within a pool',
      { targets: { 'x/y': { pool: 'p', limits: 'learn' } }, pools: { p: one } },
      /limits.*'learn'/,
    ],
  ] as const)('is named: %s', (_what, config, message) => {
    expect(refused(config)).toMatchObject({ code: 'invalid-config', message: expect.stringMatching(message) })
  })
})
