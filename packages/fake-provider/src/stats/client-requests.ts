import type { ClientRequestStats } from './stats.ts'

/** The latest client request ids, up to `most` of them; a new one drops the longest known. */
export interface ClientRequests {
  /** The entry to write to, or undefined when ids are not tracked or the request has none. */
  open(id: string | undefined): ClientRequestStats | undefined
  snapshot(): Record<string, ClientRequestStats>
  clear(): void
}

export function createClientRequests(most: number): ClientRequests {
  const entries = new Map<string, ClientRequestStats>()
  return {
    open(id) {
      if (id === undefined || most === 0) return undefined
      let entry = entries.get(id)
      if (!entry) {
        entry = {
          attempts: 0,
          admitted: 0,
          completed: 0,
          byStatus: {},
          promptTokens: 0,
          cachedTokens: 0,
          writtenTokens: 0,
          completionTokens: 0,
          chargedTokens: 0,
        }
        entries.set(id, entry)
        if (entries.size > most) {
          const [oldest] = entries.keys()
          if (oldest !== undefined) entries.delete(oldest)
        }
      }
      entry.attempts++
      return entry
    },
    snapshot: () => structuredClone(Object.fromEntries(entries)),
    clear: () => entries.clear(),
  }
}
