import type { CallOptions } from '@plimsoll/core'
import { Duration, Effect } from 'effect'
import { CurrentCall } from './current-call.ts'

/** A call, as its caller describes it. Attributes come from `withCall`. */
export interface CallInput {
  /** What is called, such as `openai/gpt-5-mini`. May be left out where the task lists `targets`. */
  readonly target?: string
  /** The prompt, so that its tokens can be counted: a text, texts, or the provider's own messages. */
  readonly input?: unknown
  /** Tokens of the input, where they are known. @defaultValue counted from `input` */
  readonly tokens?: number
  /** How long the answer may be, in tokens. @defaultValue what answers to this task rarely exceed */
  readonly maxOutputTokens?: number
  /** From now; a call that has not been admitted by then is refused. @defaultValue `queue.maxWaitMs` */
  readonly deadline?: Duration.Input
}

/** The same in the core's terms, with the attributes that hold here. */
export function coreCall(input: CallInput): Effect.Effect<CallOptions> {
  const { target, input: prompt, tokens, maxOutputTokens, deadline } = input
  return Effect.map(Effect.service(CurrentCall), (attributes) => ({
    ...attributes,
    ...(target !== undefined && { target }),
    ...(prompt !== undefined && { input: prompt }),
    ...(tokens !== undefined && { inputTokens: tokens }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(deadline !== undefined && { deadlineMs: Duration.toMillis(deadline) }),
  }))
}
