import { describe, expect, it } from 'vitest'
import { setUpCache, sleep } from '../support/caching.ts'
import { virtualClock } from '@plimsoll/core/testing'

/** By the words of a question, whatever their order. */
function embed(question: string): number[] {
  const words = question.toLowerCase().match(/[a-z]+/g) ?? []
  return ['cancel', 'order', 'refund', 'my', 'how', 'not'].map(
    (word) => words.filter((one) => one === word).length,
  )
}

function setUpSemantic(own: object = {}) {
  const asked: string[] = []
  const semantic = {
    embed: async (question: string) => {
      asked.push(question)
      return embed(question)
    },
    threshold: 0.95,
    ...own,
  }
  const clock = virtualClock()
  const all = setUpCache({ tasks: { faq: { cache: { ttlMs: 60_000, semantic } } } }, { clock })
  const hits = () =>
    all.events.filter((event) => event.type === 'cache.hit').map(({ similarity }) => similarity)
  return { ...all, embedded: asked, hits }
}

describe('a question that is nearly the same', () => {
  it('is answered with what the first one was, and how close it is is told', async () => {
    const { asked, seen, hits, caches, embedded } = setUpSemantic()
    await asked('How cancel my order')
    expect(await asked('my order: how cancel??')).toEqual({ n: 1 })
    expect([seen.calls, caches()]).toEqual([1, ['none', 'hit']])
    expect(hits()).toEqual([expect.closeTo(1)])
    // The same again needs no embedding.
    await asked('How cancel my order')
    expect(embedded).toHaveLength(2)
  })

  it('but not one that is further off than the threshold', async () => {
    const { asked, seen } = setUpSemantic()
    await asked('How cancel my order')
    await asked('How not cancel my order')
    await asked('How refund my order')
    expect(seen.calls).toBe(3)
  })

  it.each([
    ['tenant', { tenant: 'other' }],
    ['prompt version', { promptVersion: 'v2' }],
    ['model', { target: 'openai/other' }],
    ['permission', { permissions: ['admin'] }],
    ['document', { documentIds: ['d'] }],
  ])('never across another %s', async (_, own) => {
    const { asked, seen } = setUpSemantic()
    await asked('How cancel my order', { tenant: 'acme' })
    await asked('How cancel my order?', { tenant: 'acme', ...own })
    expect(seen.calls).toBe(2)
  })

  it('nor after a purge, nor past its time', async () => {
    const { asked, seen, plimsoll, clock } = setUpSemantic()
    await asked('How cancel my order')
    await plimsoll.cache.purge()
    await asked('How cancel my order?')
    expect(seen.calls).toBe(2)
    await clock.advance(60_000)
    await asked('How cancel my order!')
    expect(seen.calls).toBe(3)
  })

  it('nor with an input whose question nobody can tell from its parameters', async () => {
    const { asked, seen, embedded } = setUpSemantic()
    await asked({ text: 'How cancel my order', temperature: 0 })
    await asked({ text: 'How cancel my order?', temperature: 1 })
    expect([seen.calls, embedded]).toEqual([2, []])
  })

  const clocked = virtualClock()
  it.each([
    ['throws', () => Promise.reject(new Error('down'))],
    ['gives nothing', async () => []],
    ['gives no numbers', async () => [Number.NaN, 1]],
    ['gives no direction', async () => [0, 0]],
    ['hangs', () => sleep(clocked, 1e9)],
  ])('an embedding that %s is a miss', async (_, own) => {
    const { ask, clock, seen, events } = setUpSemantic({ embed: own, deadlineMs: 50 })
    const all = ask('q')
    await clock.advance(200)
    expect([await all, seen.calls]).toEqual([{ n: 1 }, 1])
    expect(events.filter((event) => event.type === 'cache.failed' && event.op === 'embed')).toHaveLength(1)
  })
})
