import { createPlimsoll } from '@plimsoll/core'
import type { PlimsollConfig } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { httpError, MINUTE, outcomeOf, PATIENT, setUp } from '../support/set-up.ts'

const VLLM = {
  id: 'my-vllm',
  aliases: ['house.llm'],
  charging: 'slot',
  headers: [{ unit: 'requests', perMs: 1_000, limit: 'X-Limit', remaining: 'X-Left' }],
  waits: [{ header: 'X-Wait', as: 'seconds' }],
  errors: [{ when: { status: 400, message: 'loading' }, class: 'rate-limit' }],
} as const

describe('a provider of one’s own', () => {
  it('has its limits learnt from its headers, in their window', async () => {
    const { clock, plimsoll } = setUp({ ...PATIENT, providers: [VLLM] })
    const limits = async () =>
      (await plimsoll.headroom('my-vllm/llama')).limits.map(({ key, capacity }) => [key, capacity])
    expect(await limits()).toEqual([
      ['limit:my-vllm/llama:requests:1000', Infinity],
      ['limit:my-vllm/llama:slots', 8],
    ])
    const failing = outcomeOf(
      plimsoll.call({ target: 'my-vllm/llama' }, async () => {
        throw httpError(500, { 'x-limit': '30', 'x-left': '29' })
      }),
    )
    await clock.advance(MINUTE)
    expect(await failing).toBe('status 500')
    expect((await limits())[0]).toEqual(['limit:my-vllm/llama:requests:1000', 30])
  })

  it('is waited for as its own headers and errors say', async () => {
    const { clock, plimsoll } = setUp({ ...PATIENT, providers: [VLLM] })
    const sent: number[] = []
    const call = plimsoll.call({ target: 'my-vllm/llama' }, async () => {
      sent.push(clock.now())
      if (sent.length === 1)
        throw Object.assign(httpError(400, { 'x-wait': '7' }), { message: 'model is loading' })
      return 'answer'
    })
    await clock.advance(MINUTE)
    expect(await call).toBe('answer')
    expect(sent[1]).toBeGreaterThanOrEqual(7_000)
  })

  it('is found by its other names, and where a target says that it is its provider', async () => {
    const { plimsoll } = setUp({
      providers: [VLLM],
      targets: { 'eu/llama': { provider: 'House.LLM', limits: 'learn' } },
    })
    const unitsOf = async (target: string) => (await plimsoll.headroom(target)).limits.map(({ unit }) => unit)
    expect(await unitsOf('eu/llama')).toEqual(['requests', 'slots'])
    expect(await unitsOf('house_llm/mistral')).toEqual(['requests', 'slots'])
    expect(await unitsOf('another/mistral')).toEqual(['requests', 'tokens', 'slots'])
  })

  it('wins over one that we know', async () => {
    const limits = { tpm: 1_000 }
    const { plimsoll, left } = setUp({
      providers: [{ id: 'openai', like: 'openai', charging: 'max' }],
      targets: { 'openai/gpt': { limits } },
    })
    plimsoll.reserve({ target: 'openai/gpt', inputTokens: 300, maxOutputTokens: 400 })
    expect(await left('openai/gpt', 'tokens')).toBe(600)
  })
})

describe('a profile that is not in order', () => {
  it.each<[string, unknown, string]>([
    ['no list', { id: 'x' }, '`providers` is an object; use a list of providers.'],
    [
      'a rule that there is not',
      [{ id: 'x', charging: 'min' }],
      "`providers[0].charging` is 'min'; use one of max, sum, input-then-live-output, reserve-with-max-settle-with-burn-down, slot, actual.",
    ],
    [
      'a header without a window',
      [{ id: 'x', headers: [{ unit: 'tokens', limit: 'x-limit' }] }],
      '`providers[0].headers[0].perMs` is undefined; add it.',
    ],
    [
      'a field that there is not',
      [{ id: 'x', burst: 1 }],
      '`providers[0].burst` is not an option; remove it or check its spelling.',
    ],
    [
      'a reset that may be anything',
      [{ id: 'x', headers: [{ unit: 'tokens', perMs: 1, limit: 'x', reset: 'y' }] }],
      '`providers[0].headers[0]`: say how the reset is written: `reset` and `resetAs` come together.',
    ],
    [
      'a name that another has',
      [{ id: 'x' }, { id: 'X' }],
      "`providers[1]` has the name 'x', which `providers[0]` has too; leave it to one of them.",
    ],
  ])('is refused: %s', (_, providers, message) => {
    const making = () => createPlimsoll({ providers } as PlimsollConfig)
    expect(making).toThrow(expect.objectContaining({ code: 'invalid-config', message }) as Error)
  })
})
