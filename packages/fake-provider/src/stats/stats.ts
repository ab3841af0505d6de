import type { FaultKind } from '../faults/fault.ts'
import type { LimitAlgorithm, LimitUnit } from '../options.ts'

/** Times are milliseconds on a monotonic clock since the server started; null for what has not happened. */
export interface Counters {
  /** Requests whose model was known; the total counts every request to an API route. */
  received: number
  admitted: number
  /** Answers sent to their end with status 200. */
  completed: number
  /** 429s by the limits themselves, by the one that held the request up longest. Faults are not in it. */
  rejected: Record<LimitUnit | 'concurrency' | 'tooLarge' | 'total', number>
  /** Faults met, by kind. */
  faults: Partial<Record<FaultKind, number>>
  /** Answers by HTTP status; 'none' when the socket was reset before any. */
  byStatus: Record<string, number>
  /** Of admitted requests, cached ones included. */
  promptTokens: number
  /** Of those: read from the prompt cache. */
  cachedTokens: number
  /** Of those: written to it (Anthropic). */
  writtenTokens: number
  /** Generated, whether or not the answer came to its end. */
  completionTokens: number
  /** Requests in flight, integrated over time. */
  slotMs: number
  inFlight: number
  peakInFlight: number
  /** The client closed the socket before the answer's end. */
  abortedByClient: number
  firstAdmissionMs: number | null
  lastAdmissionMs: number | null
  lastCompletionMs: number | null
}

export interface LimitStats {
  unit: LimitUnit
  amount: number
  perMs: number
  algorithm: LimitAlgorithm
  /** The most that can be in use at once. */
  burst: number
  phaseMs: number
  /** Taken by requests, before refunds. */
  charged: number
  /** Given back at the end of answers (`charge: 'actual'`). */
  refunded: number
  /** Taken by `consume`. */
  foreign: number
  /** Requests this limit refused (a request may be refused by several). */
  refused: number
  /** The most in use at once; over `burst` only where output is counted as it is generated. */
  peak: number
  /** The most charged within one period of `perMs`; periods touch, those of a fixed window are its windows. */
  windowMax: number
}

export interface ModelStats extends Counters {
  tokenBias: number
  concurrency: number | null
  /** The model whose limits these are: another's with `sameLimitsAs`. */
  limitsOf: string
  limits: LimitStats[]
}

/** What was charged and delivered under one `x-client-request-id`, all attempts together. */
export interface ClientRequestStats {
  attempts: number
  admitted: number
  completed: number
  byStatus: Record<string, number>
  promptTokens: number
  cachedTokens: number
  writtenTokens: number
  completionTokens: number
  /** Taken from `tokens` limits at admission and by live output, less refunds asked for. */
  chargedTokens: number
}

export interface Stats {
  seed: number
  minuteMs: number
  nowMs: number
  total: Counters
  models: Record<string, ModelStats>
  /** By client request id; empty unless `trackClientRequests` is set. */
  clientRequests: Record<string, ClientRequestStats>
}
