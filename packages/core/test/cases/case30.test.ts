import { describe, expect, it } from 'vitest'
import { CACHED, setUpCache } from '../support/caching.ts'

const BASE = {
  tenant: 'acme',
  plan: 'free',
  promptVersion: 'v1',
  documentIds: ['d1', 'd2'],
  toolVersions: { search: '1' },
  permissions: ['read'],
}
const INPUT = {
  messages: [{ role: 'user', content: 'How do I cancel?' }],
  temperature: 0.2,
  response_format: { type: 'json_schema', schema: { type: 'object' } },
  tools: [{ name: 'search' }],
}

describe('case 30: what is in the key', () => {
  const CHANGES: [string, unknown, object][] = [
    ['the user input', { ...INPUT, messages: [{ role: 'user', content: 'How do I cancel' }] }, BASE],
    ['a parameter', { ...INPUT, temperature: 0.3 }, BASE],
    ['the output format', { ...INPUT, response_format: { type: 'text' } }, BASE],
    ['the tools', { ...INPUT, tools: [] }, BASE],
    ['the prompt version', INPUT, { ...BASE, promptVersion: 'v2' }],
    ['the model version', INPUT, { ...BASE, target: 'openai/model-2026-11' }],
    ['the document ids', INPUT, { ...BASE, documentIds: ['d1'] }],
    ['the tool result version', INPUT, { ...BASE, toolVersions: { search: '2' } }],
    ['the tenant', INPUT, { ...BASE, tenant: 'other' }],
    ['the plan', INPUT, { ...BASE, plan: 'paid' }],
    ['the risk', INPUT, { ...BASE, risk: 'high' }],
    ['the permissions', INPUT, { ...BASE, permissions: ['read', 'admin'] }],
    ['no permissions', INPUT, { ...BASE, permissions: [] }],
    ['the output cap', INPUT, { ...BASE, maxOutputTokens: 11 }],
    ['the task', INPUT, { ...BASE, task: 'also' }],
  ]
  const config = { tasks: { ...CACHED.tasks, also: CACHED.tasks.faq } }

  it.each(CHANGES)('a change in %s misses', async (_, input, own) => {
    const { asked, seen } = setUpCache(config)
    await asked(INPUT, BASE)
    await asked(INPUT, BASE)
    expect(seen.calls).toBe(1)
    await asked(input, own)
    expect(seen.calls).toBe(2)
  })

  it('the order in which fields, permissions and tool versions stand does not matter', async () => {
    const { asked, seen } = setUpCache()
    await asked(
      { a: 1, b: { c: 2, d: [1, 2] } },
      { permissions: ['x', 'y'], toolVersions: { a: '1', b: '2' } },
    )
    await asked(
      { b: { d: [1, 2], c: 2 }, a: 1 },
      { permissions: ['y', 'x', 'y'], toolVersions: { b: '2', a: '1' } },
    )
    expect(seen.calls).toBe(1)
  })

  it('an alias that stands for another model misses', async () => {
    const targets = (model: string) => ({ 'openai/model': { limits: { rpm: 100 }, model } })
    const { asked, plimsoll, seen } = setUpCache({ ...CACHED, targets: targets('gpt-5-0901') })
    await asked('q')
    plimsoll.update({ targets: targets('gpt-5-1101') })
    await asked('q')
    expect(seen.calls).toBe(2)
  })

  it('bytes, dates, URLs and big numbers are told apart', async () => {
    const { asked, seen } = setUpCache()
    const own = { inputTokens: 1 }
    const inputs = [
      new Uint8Array([1, 2]),
      new Uint8Array([1, 3]),
      Buffer.from([1, 2]).toString('base64'),
      new Date(0),
      new Date(0).toISOString(),
      new URL('https://a.example/'),
      'https://a.example/',
      10n,
      '10',
      { $plimsoll: 'bigint', value: '10' },
    ]
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (const input of inputs) await asked({ input }, own)
    expect(seen.calls).toBe(inputs.length)
    for (const input of inputs) await asked({ input }, own)
    expect(seen.calls).toBe(inputs.length)
  })

  it('what has no canonical form, or says nothing at all, is asked each time and told', async () => {
    const { asked, seen, events } = setUpCache()
    const own = { inputTokens: 1 }
    const inputs = [new Map([['a', 1]]), { at: Number.NaN }, { fn: () => 1 }, { text: '\uD800' }, undefined]
    for (const input of [...inputs, ...inputs]) await asked(input, own)
    expect(seen.calls).toBe(2 * inputs.length)
    expect(events.filter(({ type }) => type === 'cache.failed')).toHaveLength(8)
  })
})
