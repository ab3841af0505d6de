import type { CacheStore, PlimsollConfig } from '@plimsoll/core'
import { describe, expect, it } from 'vitest'
import { plimsollEmbeddingMiddleware, plimsollMiddleware } from '../src/index.ts'
import { VERSIONS } from './clients.ts'
import type { Client } from './clients.ts'
import { listening, NOTHING_LEFT, QUICK, rejection, sleep, startFake, until } from './support.ts'

/** How long the provider takes, and how slow the store of the cache is. */
const CALL_MS = 400
const STORE_MS = 60
const MODELS = { '*': { ...QUICK, ttftMs: CALL_MS } }
const CALLERS = 100
const LEAVES_AT = 10
const HOUR = 3_600_000

function slowStore(): CacheStore {
  const map = new Map<string, string>()
  return {
    async get(key) {
      await sleep(STORE_MS)
      return map.get(key)
    },
    async set(key, value) {
      await sleep(STORE_MS)
      map.set(key, value)
      return true
    },
  }
}

function slowly(): PlimsollConfig {
  return {
    tasks: { faq: { cache: { ttlMs: HOUR } } },
    cache: { store: slowStore(), secret: 'a secret of the tests' },
    budgets: [{ per: 'user', requests: 1, every: 'day' }],
  }
}

const HOW: Record<string, (client: Client, prompt: string, options?: object) => Promise<string>> = {
  whole: async (client, prompt, options) => (await client.text(prompt, options)).text,
  streamed: async (client, prompt, options) => {
    const { answer, errors } = await client.stream(prompt, options)
    if (answer === undefined) throw errors[0] ?? new Error('It was left.')
    return answer.text
  },
}

describe.each(VERSIONS)('identical calls of %s', (_, createClient) => {
  it.each(Object.entries(HOW))(
    'staggered over twice their length make one request, whoever leaves or is refused: %s',
    async (__, ask) => {
      await using server = await startFake({ models: MODELS })
      const host = listening(slowly())
      const { plimsoll } = host
      const client = createClient(server, {
        language: plimsollMiddleware(plimsoll, { tenant: 'acme', task: 'faq' }),
        embedding: plimsollEmbeddingMiddleware(plimsoll),
      })
      const as = (user: string, options?: object) =>
        plimsoll.with({ user }, () => ask(client, 'The question', options))
      await plimsoll.with({ user: 'spent' }, () => ask(client, 'Another question'))
      const before = server.stats().total.received

      const caller = new AbortController()
      // The two who come first would lead: one has used up its budget, and one will leave.
      const spent = rejection(as('spent'))
      const leaver = rejection(as('leaver', { abortSignal: caller.signal }))
      const innocent: Promise<string>[] = []
      for (let n = 0; n < CALLERS - 2; n++) {
        innocent.push(as(`user-${n}`))
        if (n === LEAVES_AT) caller.abort(new Error('gone'))
        await sleep((2 * CALL_MS) / CALLERS)
      }
      const texts = await Promise.all(innocent)
      expect([texts.length, new Set(texts).size, texts[0] === '']).toEqual([CALLERS - 2, 1, false])
      expect(await spent).toMatchObject({ code: 'wait-too-long' })
      await leaver
      expect(server.stats().total).toMatchObject({ received: before + 1, abortedByClient: 0 })
      await until(() => host.records.length === CALLERS + 1)
      const shared = host.records.filter(({ cache }) => cache === 'joined' || cache === 'hit')
      // Who leads has it in its own record; if that is the one who left, all of the others share.
      expect(shared.length).toBeGreaterThanOrEqual(CALLERS - 3)
      expect(plimsoll.state()).toEqual(NOTHING_LEFT)
    },
  )

  it.each([
    ['are kept apart', {}, 2],
    ['share where they are told to', { scope: 'shared' as const }, 1],
  ])('of two tenants %s, at once and later', async (__, scope, requests) => {
    await using server = await startFake({ models: MODELS })
    const host = listening({ tasks: { faq: { cache: { ttlMs: HOUR, ...scope } } } })
    const { plimsoll } = host
    const client = createClient(server, {
      language: plimsollMiddleware(plimsoll, { task: 'faq' }),
      embedding: plimsollEmbeddingMiddleware(plimsoll, { task: 'faq' }),
    })
    const all = () =>
      Promise.all(
        ['acme', 'other'].map((tenant) =>
          plimsoll.with({ tenant }, () =>
            Promise.all([client.text('Hello'), client.stream('Hello'), client.embed('Hello')]),
          ),
        ),
      )
    await all()
    await all()
    expect(server.stats().total.received).toBe(3 * requests)
  })
})
