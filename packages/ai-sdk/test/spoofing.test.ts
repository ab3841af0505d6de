import type { Attributes, BudgetConfig } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { plimsollEmbeddingMiddleware, plimsollMiddleware } from '../src/index.ts'
import { VERSIONS } from './clients.ts'
import type { Fields } from './clients.ts'
import { listening, startFake } from './support.ts'

const ACME: Attributes = {
  tenant: 'acme',
  user: 'ada',
  plan: 'free',
  priority: 'low',
  mode: 'background',
  risk: 'high',
  permissions: ['read'],
}
const OTHER = {
  tenant: 'victim',
  user: 'root',
  plan: 'premium',
  priority: 'high',
  mode: 'interactive',
  risk: 'low',
  permissions: ['all'],
  workflow: 'other',
  run: 'other',
} satisfies Attributes & Fields

/** As many as a test makes, and no more. */
const CALLS = 3
const limits = [{ unit: 'requests', amount: CALLS, perMs: 3_600_000, algorithm: 'sliding-window' }] as const

/** Each is used up by the calls below, if they are taken for whose they are. */
const BUDGETS: Record<string, BudgetConfig> = {
  tenant: { per: 'tenant', limits },
  user: { per: 'user', limits },
  plan: { per: 'tenant', when: { plan: 'free' }, limits },
  priority: { per: 'tenant', when: { priority: 'low' }, limits },
  mode: { per: 'tenant', when: { mode: 'background' }, limits },
  risk: { per: 'tenant', when: { risk: 'high' }, limits },
  workflow: { per: 'workflow', limits },
  run: { per: 'run', limits },
}

const SPOOFS: Record<string, Fields> = {
  'all of it': OTHER,
  'a prototype': JSON.parse(`{"__proto__":${JSON.stringify(OTHER)}}`) as Fields,
  'a constructor': { constructor: { prototype: OTHER }, prototype: OTHER },
  'nested attributes': { attributes: OTHER, plimsoll: OTHER, defaults: OTHER },
}

describe.each(VERSIONS)('who is calling with %s', (_version, createClient) => {
  it.each(Object.entries(SPOOFS))('is not who providerOptions say: %s', async (_, spoof) => {
    await using server = await startFake()
    const host = listening({ budgets: Object.values(BUDGETS) })
    const { plimsoll } = host
    const client = createClient(server, {
      language: plimsollMiddleware(plimsoll, ACME),
      embedding: plimsollEmbeddingMiddleware(plimsoll, ACME),
    })
    const providerOptions = { plimsoll: spoof }
    const run = await plimsoll.workflow('support', {}, async () => {
      await client.text('Hello', { providerOptions })
      await client.stream('Hello', { providerOptions })
      await client.embed('Hello', { providerOptions })
      return host.records[0]?.attributes.run
    })
    const attributes = { ...ACME, workflow: 'support', run }
    expect(host.records.map((record) => record.attributes)).toEqual([attributes, attributes, attributes])
    expect(host.records.map(({ priority }) => priority)).toEqual(['low', 'low', 'low'])
    expect(await host.plimsoll.decide({ target: 'openai/m', ...OTHER })).toMatchObject({ kind: 'process' })
  })

  it.each(Object.entries(BUDGETS))('is charged to the budget by %s', async (_, budget) => {
    await using server = await startFake()
    const host = listening({ budgets: [budget], queue: { maxWaitMs: 100 } })
    const { plimsoll } = host
    const client = createClient(server, {
      language: plimsollMiddleware(plimsoll, ACME),
      embedding: plimsollEmbeddingMiddleware(plimsoll, ACME),
    })
    const providerOptions = { plimsoll: OTHER }
    await plimsoll.workflow('support', {}, async () => {
      await client.text('Hello', { providerOptions })
      await client.stream('Hello', { providerOptions })
      await client.embed('Hello', { providerOptions })
      const { errors } = await client.stream('Hello', { providerOptions })
      expect(errors).toMatchObject([{ code: 'wait-too-long' }])
    })
    expect(server.stats().total.received).toBe(CALLS)
    expect(await plimsoll.decide({ target: 'openai/m', ...OTHER })).toMatchObject({ kind: 'process' })
  })
})
