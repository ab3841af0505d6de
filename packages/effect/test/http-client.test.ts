import { startFakeProvider } from '@plimsoll/fake-provider'
import { Effect } from 'effect'
import { FetchHttpClient, HttpClient, HttpClientRequest } from 'effect/http'
import { describe, expect, it } from 'vitest'
import { Plimsoll, withBudget } from '../src/index.ts'
import { listener, QUICK, TARGET } from './support.ts'

describe('withBudget around an HttpClient', () => {
  it.each([
    ['rate-limit', 'rate-limit'],
    ['server-error', 'server'],
    ['overloaded', 'overloaded'],
    ['connection-reset', 'network'],
  ] as const)('reads a failure from its errors: %s', async (kind, expected) => {
    await using provider = await startFakeProvider({ models: { '*': QUICK } })
    provider.inject({ kind, ...(kind === 'rate-limit' && { retryAfterMs: 10 }) })
    const { events, onEvent } = listener()
    const ask = HttpClientRequest.post(`${provider.url}/v1/chat/completions`).pipe(
      HttpClientRequest.bodyJsonUnsafe({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] }),
      HttpClient.execute,
      Effect.flatMap(({ json }) => json),
      withBudget({ target: TARGET, input: 'Hello' }),
    )
    const strict = Effect.updateService(ask, HttpClient.HttpClient, HttpClient.filterStatusOk)
    await Effect.runPromise(
      strict.pipe(
        Effect.provide(FetchHttpClient.layer),
        Effect.provide(Plimsoll.layer({ retry: { budget: 1 }, onEvent })),
      ),
    )
    const classes = events.flatMap((event) => (event.type === 'attempt.failed' ? [event.class] : []))
    expect(classes).toEqual([expected])
    expect(events.find(({ type }) => type === 'call.finished')).toMatchObject({ attempts: 2 })
  })
})
