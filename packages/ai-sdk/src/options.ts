import type { SharedV4ProviderOptions } from '@ai-sdk/provider'
import type { Attributes, Plimsoll } from '@plimsoll/core'

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

/** The request as the model is to have it: some providers post every option that they find. */
export function toSend<Q extends Params>(params: Q, signal: AbortSignal, by: Governed): Q {
  const around = params.abortSignal === undefined ? undefined : governed.get(params.abortSignal)
  governed.set(signal, [...(around ?? []), by])
  const { plimsoll: _, ...providerOptions } = params.providerOptions ?? {}
  return {
    ...params,
    ...(params.providerOptions === undefined ? {} : { providerOptions }),
    abortSignal: signal,
  }
}

const LONGEST = 256
const MOST_ENTRIES = 256
// oxlint-disable-next-line no-control-regex -- control characters are just what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

/**
 * What `providerOptions.plimsoll` may say of a call. Applications forward it from their clients, so it only describes:
 * never who is calling, nor how urgent or dangerous it is. A field that is not as it should be is left out.
 */
export function forwardedAttributes(providerOptions: SharedV4ProviderOptions | undefined): Attributes {
  const given: unknown = providerOptions?.['plimsoll']
  if (!isFields(given)) return {}
  const read = {
    task: text(own(given, 'task')),
    feature: text(own(given, 'feature')),
    step: text(own(given, 'step')),
    promptVersion: text(own(given, 'promptVersion')),
    documentIds: texts(own(given, 'documentIds')),
    toolVersions: versions(own(given, 'toolVersions')),
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function text(value: unknown): string | undefined {
  const isText = typeof value === 'string' && value !== '' && value.length <= LONGEST && !CONTROL.test(value)
  return isText ? value : undefined
}

function texts(value: unknown): readonly string[] | undefined {
  const isList = Array.isArray(value) && value.length <= MOST_ENTRIES
  return isList && value.every((entry) => text(entry) !== undefined) ? (value as string[]) : undefined
}

function versions(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isFields(value)) return undefined
  const entries = Object.entries(value)
  const areTexts = entries.every(([tool, version]) => text(tool) !== undefined && text(version) !== undefined)
  return entries.length <= MOST_ENTRIES && areTexts ? (value as Record<string, string>) : undefined
}
