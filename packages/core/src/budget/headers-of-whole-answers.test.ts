import { expect, it } from 'vitest'
import type { PartInfo } from '../call/host.ts'
import { setUp, wholeHost } from '../../test/support/set-up.ts'

it('a header of an answer that is over has counted its call', async () => {
  const { plimsoll, left } = setUp({ targets: { 'openai/model': { limits: { rpm: 100 } } } })
  const call = async (remaining: number) => {
    const value: PartInfo = { content: true, usage: { inputTokens: 1, outputTokens: 1 } }
    const headers = { 'x-ratelimit-remaining-requests': `${remaining}` }
    const host = { ...wholeHost(() => value), open: async () => ({ value, headers }) }
    expect(await plimsoll.execute({ host, request: {}, target: 'openai/model' })).toMatchObject({
      kind: 'ok',
    })
    return left('openai/model', 'requests')
  }
  expect(await call(50)).toBe(50)
  // Somebody else is known to use the limit: what is missing now is theirs, but for the call itself.
  expect(await call(45)).toBe(45)
})
