import { describe, expect, it } from 'vitest'
import { DAY, opened, parts, setUp, streamHost } from '../support/set-up.ts'

const config = {
  targets: { 'openai/model': { limits: { tpd: 10_000 } } },
  budgets: [{ per: 'tenant', limits: [{ unit: 'tokens', amount: 1_000, perMs: DAY }] }],
} as const

describe('case 14: a reader that disconnects early', () => {
  it('is charged at least the estimate, input and output, and it is marked so', async () => {
    const { plimsoll, records, left } = setUp(config)
    const host = streamHost(() =>
      parts({ content: true, usage: { inputTokens: 3, outputTokens: 1 } }, { content: true }),
    )
    const { value, end } = await opened(
      plimsoll.execute({ host, request: {}, target: 'openai/model', maxOutputTokens: 600 }),
    )
    await value.next()
    await value.return!()
    expect(await end).toMatchObject({ how: 'aborted', exact: false, usage: { outputTokens: 600 } })
    expect(records()).toMatchObject([{ outcome: 'aborted', estimated: true, usage: { outputTokens: 600 } }])
    expect(await left('openai/model', 'tokens')).toBe(9_400)
    const call = { target: 'openai/model', inputTokens: 0 }
    expect(plimsoll.reserve({ ...call, maxOutputTokens: 401 }).state).not.toBe('granted')
    expect(plimsoll.reserve({ ...call, maxOutputTokens: 400 }).state).toBe('granted')
  })

  it('is charged what was delivered where that is more', async () => {
    const { plimsoll, left } = setUp({ targets: config.targets })
    const host = streamHost(() => parts({ content: true, bytes: 3_000 }, { content: true }))
    const { value, end } = await opened(
      plimsoll.execute({ host, request: {}, target: 'openai/model', maxOutputTokens: 100 }),
    )
    await value.next()
    await value.return!()
    await end
    expect(await left('openai/model', 'tokens')).toBe(9_000)
  })
})
