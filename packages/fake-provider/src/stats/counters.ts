import type { Refusal } from '../limits/limiter.ts'
import type { Counters } from './stats.ts'

/** Counters, with the time up to which `slotMs` is integrated. */
export interface Counting {
  counters: Counters
  at: number
}

export function createCounting(now: number, inFlight = 0): Counting {
  return {
    at: now,
    counters: {
      received: 0,
      admitted: 0,
      completed: 0,
      rejected: { requests: 0, tokens: 0, input: 0, output: 0, concurrency: 0, tooLarge: 0, total: 0 },
      faults: {},
      byStatus: {},
      promptTokens: 0,
      cachedTokens: 0,
      writtenTokens: 0,
      completionTokens: 0,
      slotMs: 0,
      inFlight,
      peakInFlight: inFlight,
      abortedByClient: 0,
      firstAdmissionMs: null,
      lastAdmissionMs: null,
      lastCompletionMs: null,
    },
  }
}

/** A prompt, and its share in the prompt cache. */
export interface PromptTokens {
  promptTokens: number
  cachedTokens: number
  writtenTokens: number
}

export function addPrompt(to: PromptTokens, prompt: PromptTokens): void {
  to.promptTokens += prompt.promptTokens
  to.cachedTokens += prompt.cachedTokens
  to.writtenTokens += prompt.writtenTokens
}

function integrate(counting: Counting, now: number): void {
  counting.counters.slotMs += counting.counters.inFlight * (now - counting.at)
  counting.at = now
}

export function countAdmitted(counting: Counting, now: number, prompt: PromptTokens): void {
  integrate(counting, now)
  const { counters } = counting
  counters.admitted++
  counters.inFlight++
  counters.peakInFlight = Math.max(counters.peakInFlight, counters.inFlight)
  addPrompt(counters, prompt)
  counters.firstAdmissionMs ??= now
  counters.lastAdmissionMs = now
}

export function countReleased(counting: Counting, now: number, completed: boolean): void {
  integrate(counting, now)
  const { counters } = counting
  counters.inFlight--
  if (!completed) return
  counters.completed++
  counters.lastCompletionMs = now
}

export function countRefused(counting: Counting, refusal: Refusal): void {
  const { rejected } = counting.counters
  rejected.total++
  rejected[refusal.waitMs === Infinity ? 'tooLarge' : refusal.unit]++
}

export function countStatus(
  { byStatus }: { byStatus: Record<string, number> },
  status: number | 'none',
): void {
  byStatus[status] = (byStatus[status] ?? 0) + 1
}

/** A copy that later requests do not change. */
export function snapshot(counting: Counting, now: number): Counters {
  integrate(counting, now)
  return structuredClone(counting.counters)
}
