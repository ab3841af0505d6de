import type { PartInfo } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { CACHED, HOUR, TARGET } from '../support/caching.ts'
import { opened, parts, setUp, streamHost, wholeHost } from '../support/set-up.ts'

/** How often it is called for two questions that are the same, and nothing is kept of what is called for again. */
async function callsOf(list: readonly PartInfo[], kind: 'streamed' | 'whole') {
  const { plimsoll, events } = setUp(CACHED)
  let calls = 0
  const streamed = streamHost(() => {
    calls++
    return parts({ content: true }, ...list)
  })
  const whole = wholeHost(() => {
    calls++
    return { content: true, ...list.at(-1) }
  })
  const ask = async () => {
    const call = { request: 'q', target: TARGET, attributes: { task: 'faq' } }
    if (kind === 'whole') return plimsoll.execute({ host: whole, ...call })
    const reply = await opened(plimsoll.execute({ host: streamed, ...call }))
    try {
      while ((await reply.value.next()).done !== true);
    } catch {
      // It broke.
    }
    return reply.end
  }
  await ask()
  await ask()
  expect(events.filter(({ type }) => type === 'cache.written')).toHaveLength(2 - calls)
  return calls
}

describe('case 31: only a whole and good answer is kept', () => {
  const BAD: [string, PartInfo[]][] = [
    ['cut at `length`', [{ finish: 'length' }]],
    ['filtered', [{ finish: 'content-filter' }]],
    ['an error', [{ finish: 'error' }]],
    ['that broke off', [{ finish: 'interrupted' }]],
    ['that ended for a reason nobody knows', [{ finish: 'other' }]],
  ]
  describe.each(['streamed', 'whole'] as const)('%s', (kind) => {
    it.each(BAD)('an answer %s is not', async (_, list) => {
      expect(await callsOf(list, kind)).toBe(2)
    })

    it.each([['stop'], ['tool-calls']] as const)('one that ended with %s is', async (finish) => {
      expect(await callsOf([{ finish }], kind)).toBe(1)
    })
  })

  it('nor a stream that stopped without a finish, or with an error among its parts', async () => {
    expect(await callsOf([{ content: true }], 'streamed')).toBe(2)
    expect(await callsOf([{ error: new Error('broken') }, { finish: 'stop' }], 'streamed')).toBe(2)
  })

  it('nor one that nobody read to its end', async () => {
    const { plimsoll } = setUp(CACHED)
    let calls = 0
    const host = streamHost(() => {
      calls++
      return parts({ content: true }, { content: true }, { finish: 'stop' })
    })
    const ask = () =>
      opened(plimsoll.execute({ host, request: 'q', target: TARGET, attributes: { task: 'faq' } }))
    const { value } = await ask()
    await value.next()
    await value.return!()
    await ask()
    expect(calls).toBe(2)
  })

  it('nor one that failed, nor one that is too large', async () => {
    const { plimsoll, events } = setUp({
      tasks: { faq: { cache: { ttlMs: HOUR } } },
      cache: { maxEntryBytes: 1_000 },
    })
    let calls = 0
    const ask = (answer: () => unknown) =>
      plimsoll.call({ target: TARGET, task: 'faq', input: 'q' }, async () => {
        calls++
        return answer()
      })
    const fail = () => {
      throw new Error('no')
    }
    await ask(fail).catch(() => {})
    await ask(() => 'x'.repeat(1_000))
    await ask(() => 'x'.repeat(100))
    await ask(() => 'never')
    expect(calls).toBe(3)
    expect(events.filter(({ type }) => type === 'cache.failed')).toHaveLength(1)
  })
})
