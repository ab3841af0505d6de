import type { CallRecord } from '../call/record.ts'

/** A call that went well, at no cost that is known, but for what is given. */
export function callRecord(own: Partial<CallRecord> = {}): CallRecord {
  return {
    at: 0,
    callId: 'call',
    target: 'openai/model',
    attributes: {},
    priority: 'medium',
    outcome: 'finished',
    usage: { inputTokens: 100, outputTokens: 10 },
    estimated: false,
    attempts: 1,
    retries: 0,
    rateLimited: 0,
    failures: {},
    fallback: false,
    latencyMs: { handling: 0, queue: 0, retryDelay: 0, model: 100, validation: 0, total: 100 },
    ...own,
  }
}
