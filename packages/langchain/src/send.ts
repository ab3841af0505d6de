import type { AttemptInfo } from '@plimsoll/core'
import type { ChatRequest } from './request.ts'

/** Asks the model itself, with a signal that is the attempt's own. */
export type Send<T> = (request: ChatRequest, signal: AbortSignal, attempt: AttemptInfo) => T
