import { describe, expect, it } from 'vitest'
import type { Call } from '../call/call.ts'
import { Epochs } from './epochs.ts'
import { identify, isAlone } from './identity.ts'
import type { ReusableTask } from './identity.ts'
import { Keys } from './keys.ts'

const keys = new Keys('a secret of tests')
const TASK: ReusableTask = { name: 'faq', cache: { ttlMs: 1 }, coalesce: undefined, answeredBy: ['a'] }

interface Given {
  attributes?: Call<unknown>['attributes']
  forwarded?: Call<unknown>['attributes']
  request?: unknown
  kind?: string
  maxOutputTokens?: number
}

function call({ attributes = {}, forwarded, kind = 'call', ...own }: Given = {}): Call<unknown> {
  const host = { kind, key: (request: unknown) => request }
  const prepared = forwarded && { attributes: { ...forwarded, ...attributes } }
  const given = { request: 'q', attributes, host, state: { prepared }, maxOutputTokens: 5, ...own }
  return given as unknown as Call<unknown>
}

function epochs(): Epochs {
  let made = 0
  return new Epochs({ store: undefined, now: () => 0, newEpoch: () => `e${++made}` })
}

const identityOf = async (given: Given = {}, task = TASK, of = epochs()) =>
  isAlone(call(given), task) ? undefined : identify(call(given), task, { keys, epochs: of })
const keyOf = async (given: Given = {}, task = TASK) => (await identityOf(given, task))!.key

describe('the key of a call', () => {
  it.each<[string, Given, ReusableTask]>([
    ['what is asked', { request: 'r' }, TASK],
    ['how it is answered', { kind: 'stream' }, TASK],
    ['the task', {}, { ...TASK, name: 'other' }],
    ['who answers', {}, { ...TASK, answeredBy: ['b'] }],
    ['the plan', { attributes: { plan: 'pro' } }, TASK],
    ['the risk', { attributes: { risk: 'high' } }, TASK],
    ['the prompt version', { attributes: { promptVersion: 'v2' } }, TASK],
    ['the documents', { attributes: { documentIds: ['d'] } }, TASK],
    ['the versions of tools', { attributes: { toolVersions: { search: '2' } } }, TASK],
    ['the permissions', { attributes: { permissions: ['read'] } }, TASK],
    ['how long the answer may be', { maxOutputTokens: 6 }, TASK],
    ['the tenant', { attributes: { tenant: 'acme' } }, TASK],
    ['what a client says of its prompt', { forwarded: { promptVersion: 'v2' } }, TASK],
  ])('changes with %s', async (_, given, task) => {
    expect(await keyOf(given, task)).not.toBe(await keyOf())
  })

  it.each<[string, Given]>([
    ['the user', { attributes: { user: 'ada' } }],
    ['the feature', { attributes: { feature: 'chat' } }],
    ['the run and its step', { attributes: { run: 'r', workflow: 'w', step: 's' } }],
    ['how urgent it is', { attributes: { priority: 'high', mode: 'interactive' } }],
    ['what a client says of its plan', { forwarded: { plan: 'pro' } }],
  ])('does not change with %s', async (_, given) => {
    expect(await keyOf(given)).toBe(await keyOf())
  })

  it('does not change with the order of permissions, nor with one that is named twice', async () => {
    const of = (...permissions: string[]) => keyOf({ attributes: { permissions } })
    expect(await of('b', 'a', 'b')).toBe(await of('a', 'b'))
    expect(await of('a')).not.toBe(await of('a', 'b'))
  })

  it('begins with the hash of its tenant, and with its epoch', async () => {
    const of = epochs()
    const before = (await identityOf({ attributes: { tenant: 'acme' } }, TASK, of))!
    expect(before.key.startsWith(before.prefix)).toBe(true)
    expect(before.prefix).toBe(`plimsoll:${keys.holder('acme')}:0.0:`)
    await of.renew(keys.holder('acme'))
    expect((await identityOf({ attributes: { tenant: 'acme' } }, TASK, of))!.prefix).toBe(
      `plimsoll:${keys.holder('acme')}:0.e1:`,
    )
    await of.renew('all')
    expect((await identityOf({ attributes: { tenant: 'acme' } }, TASK, of))!.prefix).toBe(
      `plimsoll:${keys.holder('acme')}:e2.e1:`,
    )
  })

  it('waits for epochs that a store has to say', async () => {
    const slow = {
      of: async (holder: string) => `e-${holder === 'all' ? 'all' : 'own'}`,
    } as unknown as Epochs
    expect((await identityOf({}, TASK, slow))!.prefix).toBe(`plimsoll:${keys.holder(undefined)}:e-all.e-own:`)
  })

  it('is the same for all tenants of a task that shares its answers', async () => {
    const shared: ReusableTask = { ...TASK, cache: { ttlMs: 1, scope: 'shared' } }
    const [one, other] = [{ attributes: { tenant: 'a' } }, { attributes: { tenant: 'b' } }]
    expect(await keyOf(one, shared)).toBe(await keyOf(other, shared))
    expect(await keyOf(one, shared)).toMatch(/^plimsoll:shared:/)
  })
})

describe('whether a call is one of several that are the same', () => {
  const NONE: ReusableTask = { ...TASK, cache: undefined }
  const exact = { model: 'm', temperature: 0 }

  it.each<[string, Given, ReusableTask, boolean | undefined]>([
    ['of a cached task', {}, TASK, true],
    ['of a cached task that wants no twins', {}, { ...TASK, coalesce: false }, false],
    ['of a task that wants twins', {}, { ...NONE, coalesce: true }, true],
    ['at temperature 0', { request: exact }, NONE, true],
    [
      'at temperature 0, where the task wants none',
      { request: exact },
      { ...NONE, coalesce: false },
      undefined,
    ],
    ['at another temperature', { request: { temperature: 0.1 } }, NONE, undefined],
    ['that says no temperature', { request: {} }, NONE, undefined],
    ['that is a text', {}, NONE, undefined],
    ['that is null', { request: null }, NONE, undefined],
    ['that says nothing of what it asks', { request: undefined }, TASK, undefined],
  ])('one %s', async (_, given, task, coalesce) => {
    expect((await identityOf(given, task))?.coalesce).toBe(coalesce)
  })
})
