import { APICallError, RetryError } from 'ai'

const LONGEST = 120

/** Why a run failed, in words that are the same for all that failed in the same way. */
export function reasonOf(error: unknown): string {
  if (RetryError.isInstance(error))
    return `${error.errors.length} attempts, the last: ${reasonOf(error.lastError)}`
  if (APICallError.isInstance(error) && error.statusCode !== undefined) return `HTTP ${error.statusCode}`
  const text = error instanceof Error ? error.message : String(error)
  return text.slice(0, LONGEST)
}
