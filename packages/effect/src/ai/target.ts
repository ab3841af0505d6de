import { PlimsollError as CoreError, providerId } from '@plimsoll/core'
import { Effect, Option } from 'effect'
import { Model } from 'effect/ai'
import { fromCore } from '../error.ts'
import type { PlimsollError } from '../error.ts'

/** The target of a model that `Model.make` has made. Fails with `InvalidConfig` where it was made otherwise. */
export const targetOf: Effect.Effect<string, PlimsollError> = Effect.gen(function* () {
  const provider = yield* Effect.serviceOption(Model.ProviderName)
  const name = yield* Effect.serviceOption(Model.ModelName)
  if (Option.isSome(provider) && Option.isSome(name)) return `${providerId(provider.value)}/${name.value}`
  const message = 'The model does not say what it is: set `target`, such as `openai/gpt-5-mini`.'
  return yield* Effect.fail(fromCore(new CoreError({ code: 'invalid-config', message })))
})
