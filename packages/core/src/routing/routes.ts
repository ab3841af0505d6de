import type { Call } from '../call/call.ts'
import type { PlimsollError } from '../call/errors.ts'
import type { Capability } from '../call/capability.ts'
import type { Outlook } from './rank.ts'

/** What routing needs to know of targets. */
export interface Routes {
  /** How much fits into it, input and output, where that is known. */
  contextTokens(target: string): number | undefined
  lacks(target: string): readonly Capability[]
  /** Why it may not be asked, where it has failed too often of late. */
  closedOff(target: string): PlimsollError | undefined
  /** What is to be expected of the call's target. */
  outlook<T>(call: Call<T>): Promise<Omit<Outlook, 'latencyMs'>>
  /** Tokens of the call's request as its target counts them, counted when first asked for. */
  counter<T>(call: Call<T>): () => number
}
