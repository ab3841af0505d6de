import { describe, expect, it } from 'vitest'
import { answered, FAILED, told } from './recorded.fixture.ts'

describe('attempts that brought no answer', () => {
  const lost = [
    { usage: { inputTokens: 100 }, costUsd: 0.25 },
    { usage: { inputTokens: 100, outputTokens: 5 }, costUsd: 0.5 },
  ]
  const unpriced = [{ usage: {}, costUsd: undefined }]

  it('are in the usage, which is an estimate by them', async () => {
    const usage = { inputTokens: 300, outputTokens: 15 }
    expect(await told(answered(), { lost })).toMatchObject({ usage, estimated: true })
    expect(await told(FAILED, { lost })).toMatchObject({ usage: { inputTokens: 200, outputTokens: 5 } })
    expect((await told(answered({ exact: false }))).estimated).toBe(true)
    expect((await told(FAILED)).estimated).toBe(false)
  })

  it.each([
    ['are waste', answered(), lost, { costUsd: 1.75, wastedUsd: 0.75 }],
    ['are all the waste where no answer came', FAILED, lost, { costUsd: 0.75, wastedUsd: 0.75 }],
    ['are waste as is an answer that broke off', answered({ how: 'interrupted' }), lost, { wastedUsd: 1.75 }],
  ])('%s', async (_, outcome, spent, expected) => {
    expect(await told(outcome, { lost: spent })).toMatchObject(expected)
  })

  it.each([
    ['of one of them', answered(), unpriced],
    ['of one of them, where no answer came', FAILED, [...lost, ...unpriced]],
    ['of the answer', answered({ costUsd: undefined } as never), lost],
  ])('cost nobody knows what where the price %s is not known', async (_, outcome, spent) => {
    const record = await told(outcome, { lost: spent })
    expect([record.costUsd, record.wastedUsd]).toEqual([undefined, undefined])
  })
})
