import type { LanguageModelV4ResponseMetadata } from '@ai-sdk/provider'
import type { AttemptInfo, Opened } from '@plimsoll/core'

/** Asks the model itself, with a signal that is the attempt's own. */
export type Send<Q, T> = (params: Q, signal: AbortSignal, attempt: AttemptInfo) => PromiseLike<T>

export function openedWith<T extends { response?: { headers?: Record<string, string> } }>(
  value: T,
): Opened<T> {
  const headers = value.response?.headers
  if (headers === undefined) return { value }
  const lower = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text] as const)
  return { value, headers: Object.fromEntries(lower) }
}

/**
 * What is worth keeping of a response: which one it was. Its headers tell of limits as they were then, and the bodies
 * hold the whole exchange once more.
 */
export function storedResponse(response: LanguageModelV4ResponseMetadata | undefined): {
  response?: LanguageModelV4ResponseMetadata
} {
  if (response === undefined) return {}
  const { id, timestamp, modelId } = response
  return {
    response: {
      ...(id === undefined ? {} : { id }),
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(modelId === undefined ? {} : { modelId }),
    },
  }
}
