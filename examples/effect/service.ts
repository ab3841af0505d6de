import type { PlimsollError } from '@plimsoll/effect'
import { Plimsoll, report, withBudget, withCall } from '@plimsoll/effect'
import { Context, Effect, Layer } from 'effect'
import { FetchHttpClient, HttpClient, HttpClientRequest } from 'effect/http'
import type { HttpClientError } from 'effect/http'

interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string } }[]
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number }
}

/** A service of the application: whoever has it asks, and need not know of limits. */
class Assistant extends Context.Service<
  Assistant,
  { readonly ask: (prompt: string) => Effect.Effect<string, PlimsollError | HttpClientError.HttpClientError> }
>()('examples/Assistant') {
  static readonly layer = Layer.effect(
    Assistant,
    Effect.gen(function* () {
      const plimsoll = yield* Plimsoll
      const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
      const complete = (prompt: string) =>
        HttpClientRequest.post(`${process.env['OPENAI_BASE_URL']}/chat/completions`).pipe(
          HttpClientRequest.bearerToken(process.env['OPENAI_API_KEY'] ?? ''),
          HttpClientRequest.bodyJsonUnsafe({
            model: 'gpt-5-mini',
            messages: [{ role: 'user', content: prompt }],
          }),
          client.execute,
          Effect.flatMap(({ json }) => json),
          Effect.map((body) => body as unknown as Completion),
        )
      return {
        ask: (prompt: string) =>
          complete(prompt).pipe(
            // The usage is read from the answer, as from all common shapes.
            withBudget({ target: 'openai/gpt-5-mini', input: prompt, deadline: '10 seconds' }),
            Effect.map(({ choices }) => choices[0]?.message.content ?? ''),
            Effect.provideService(Plimsoll, plimsoll),
          ),
      }
    }),
  )
}

const program = Effect.gen(function* () {
  const assistant = yield* Assistant
  const asked = ['acme', 'acme', 'globex'].map((tenant) =>
    assistant.ask('Why do ships have a line on their hull?').pipe(
      Effect.as('answered'),
      Effect.catchReason('PlimsollError', 'WaitTooLong', () => Effect.succeed('no room in time')),
      withCall({ tenant }),
    ),
  )
  console.log(yield* Effect.all(asked, { concurrency: 'unbounded' }))
  for (const { key, requests } of (yield* report({ by: 'tenant' })).rows) console.log(key, requests)
})

const Limits = Plimsoll.layer({
  targets: { 'openai/gpt-5-mini': { limits: { rpm: 5_000, tpm: 2_000_000 } } },
  budgets: [{ per: 'tenant', rpm: 1 }],
})
await Effect.runPromise(
  program.pipe(
    Effect.provide(Assistant.layer.pipe(Layer.provideMerge(Limits), Layer.provide(FetchHttpClient.layer))),
  ),
)
