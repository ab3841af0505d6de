import { expect, it } from 'vitest'
import { setUp } from '../support/set-up.ts'

it('case 26: nor is anything said to one who has left before anything was tried', async () => {
  const { plimsoll } = setUp({
    targets: { 'openai/a': { contextTokens: 1 } },
    tasks: { answer: { targets: ['openai/a'], degrade: [{ message: 'Sorry.' }] } },
  })
  const call = { task: 'answer', inputTokens: 10, signal: AbortSignal.abort('timeout') }
  await expect(plimsoll.call(call, async () => 'an answer')).rejects.toBe('timeout')
})

it.each(['timeout', 'The operation timed out', 'fetch failed'])(
  'case 26: nothing is tried after the user has left, whatever the reason says: %s',
  async (message) => {
    const { clock, plimsoll, records } = setUp({
      tasks: { answer: { targets: ['openai/a', 'openai/b'], degrade: [{ message: 'Sorry.' }] } },
    })
    const controller = new AbortController()
    const asked: string[] = []
    const call = plimsoll.call(
      { task: 'answer', inputTokens: 1, maxOutputTokens: 1, signal: controller.signal },
      async ({ target, signal }) => {
        asked.push(target)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error(message))))
      },
    )
    const caught = call.catch((error: unknown) => error)
    await clock.advance(10)
    const reason = new Error(message)
    controller.abort(reason)
    expect(await caught).toBe(reason)
    await clock.advance(60_000)
    expect(asked).toEqual(['openai/a'])
    expect(records()).toMatchObject([{ outcome: 'aborted', attempts: 1 }])
  },
)
