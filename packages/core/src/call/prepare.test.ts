import { describe, expect, it } from 'vitest'
import { MINUTE, parts, setUp, streamHost } from '../../test/support/set-up.ts'
import type { Attributes } from './attributes.ts'
import type { Call } from './call.ts'
import { prepare } from './prepare.ts'
import { inScope } from './scope.ts'

interface Given {
  attributes?: Attributes
  defaults?: Attributes
  forwarded?: Attributes
  deadline?: number
  inputTokens?: () => number
  maxOutputTokens?: number
}

async function prepared(
  given: Given,
): Promise<{ seen: Call<unknown> | undefined; call: Call<unknown>; outcome: object }> {
  const state = { prepared: undefined, startedAt: 0 }
  const base = {
    attributes: {},
    defaults: {},
    forwarded: {},
    deadline: Infinity,
    inputTokens: () => 1,
    state,
  }
  const call = { ...base, ...given } as unknown as Call<unknown>
  let seen: Call<unknown> | undefined
  const outcome = await prepare((_name, value) => value === 'configured').run(call, async (completed) => {
    seen = completed
    return { kind: 'aborted', reason: 'seen' }
  })
  return { seen, call, outcome }
}

describe('attributes of a call', () => {
  it('are its own, then those around it, then what the adapter was bound to', async () => {
    const { seen } = await inScope({ attributes: { user: 'around', tenant: 'around' } }, () =>
      prepared({
        attributes: { user: 'own' },
        defaults: { user: 'default', tenant: 'default', feature: 'default' },
      }),
    )
    expect(seen!.attributes).toEqual({ user: 'own', tenant: 'around', feature: 'default' })
  })

  it('that a client forwarded count where the configuration names them, and nothing else says otherwise', async () => {
    const { seen } = await prepared({
      attributes: { feature: 'own' },
      forwarded: { task: 'configured', feature: 'configured', step: 'configured' },
    })
    expect(seen!.attributes).toEqual({ task: 'configured', feature: 'own' })
  })

  it('that a client forwarded are labels in the record, where nothing else says otherwise', async () => {
    const { seen, call } = await prepared({
      attributes: { task: 'own' },
      forwarded: { task: 'forwarded', step: 'forwarded', tenant: 'forged', priority: 'high' },
    })
    expect(seen!.attributes).toEqual({ task: 'own' })
    expect(call.state.prepared).toEqual({
      attributes: { task: 'own', step: 'forwarded' },
      priority: 'medium',
    })
  })

  it('decide its priority', async () => {
    const { seen } = await prepared({ defaults: { mode: 'background' } })
    expect(seen!.priority).toBe('low')
  })
})

it('a forwarded task or feature selects no budget', async () => {
  const { plimsoll } = setUp({
    targets: { 'openai/model': { limits: { rpm: 1_000 } } },
    budgets: [{ per: 'feature', limits: [{ unit: 'requests', amount: 1, perMs: MINUTE }] }],
    queue: { maxWaitMs: 1 },
  })
  const execute = (feature: string) =>
    plimsoll.execute({
      host: streamHost(() => parts({ content: true })),
      request: {},
      target: 'openai/model',
      forwarded: { feature },
    })
  expect([(await execute('one')).kind, (await execute('another')).kind]).toEqual(['ok', 'rejected'])
})

describe('a call', () => {
  it('has the earlier of its own deadline and that around it', async () => {
    const [inner, outer] = await inScope({ deadline: 50 }, () =>
      Promise.all([prepared({ deadline: 20 }), prepared({ deadline: 90 })]),
    )
    expect([inner.seen!.deadline, outer.seen!.deadline]).toEqual([20, 50])
  })

  it.each([
    ['an attribute', { attributes: { tenant: '' } }],
    ['an attribute that the adapter was bound to', { defaults: { priority: 'urgent' as 'high' } }],
    ['a count of its output', { maxOutputTokens: -1 }],
    ['a count of its input', { inputTokens: () => Number.NaN }],
  ])('is refused before anything is held for it where it is wrong: %s', async (_what, given) => {
    const { seen, outcome } = await prepared(given)
    expect(seen).toBeUndefined()
    expect(outcome).toMatchObject({
      kind: 'rejected',
      side: 'caller',
      by: 'prepare',
      error: { code: 'invalid-call' },
    })
  })

  it('whose host fails to read it fails with the host’s error', async () => {
    const mistake = new Error('a bug of the host')
    const reading = prepared({
      inputTokens: () => {
        throw mistake
      },
    })
    await expect(reading).rejects.toBe(mistake)
  })
})
