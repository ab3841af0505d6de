import type { SharedV4ProviderOptions } from '@ai-sdk/provider'
import type { Attributes, Plimsoll } from '@plimsoll/core'
import { isFields } from './plain.ts'

/** What the requests of all kinds of model have in common. */
export interface Params {
  readonly abortSignal?: AbortSignal
  readonly maxOutputTokens?: number
  readonly providerOptions?: SharedV4ProviderOptions
}

/** One model under one Plimsoll. */
export interface Governed {
  readonly plimsoll: Plimsoll
  readonly target: string
}

/**
 * What is governed already, by the signal that an attempt hands down: it is the one thing that reaches the model itself
 * through whatever stands between, and no other call is given it.
 */
const governed = new WeakMap<AbortSignal, readonly Governed[]>()

/** Whether this request is under the same Plimsoll already: a model may be wrapped twice. */
export function isGoverned({ abortSignal }: Params, { plimsoll, target }: Governed): boolean {
  const around = abortSignal === undefined ? undefined : governed.get(abortSignal)
  return around?.some((one) => one.plimsoll === plimsoll && one.target === target) === true
}

/**
 * The request as the model is to have it: some providers post every option that they find. `maxOutputTokens` where the
 * attempt is to have another length than was asked for.
 */
export function toSend<Q extends Params>(
  params: Q,
  signal: AbortSignal,
  { maxOutputTokens, ...by }: Governed & { readonly maxOutputTokens?: number },
): Q {
  const around = params.abortSignal === undefined ? undefined : governed.get(params.abortSignal)
  governed.set(signal, [...(around ?? []), by])
  const { plimsoll: _, ...providerOptions } = params.providerOptions ?? {}
  return {
    ...params,
    ...(params.providerOptions === undefined ? {} : { providerOptions }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    abortSignal: signal,
  }
}

/**
 * What `providerOptions.plimsoll` says of a call. Applications forward it from their clients: the core takes from it what
 * describes the call and is as it should be, and never who is calling, nor how urgent or dangerous it is.
 */
export function forwardedAttributes(providerOptions: SharedV4ProviderOptions | undefined): Attributes {
  const given: unknown = providerOptions?.['plimsoll']
  return isFields(given) ? given : {}
}
