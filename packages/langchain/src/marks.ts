import type { BaseMessage } from '@langchain/core/messages'
import type { End, Reply } from '@plimsoll/core'

/** What `response_metadata.plimsoll` says of an answer: who gave it, and what is not as it was asked for. */
export interface AnswerMarks {
  readonly target: string
  /** Where the answer is from, if not from the model: billed nothing. */
  readonly cache?: 'hit' | 'stale' | 'joined'
  readonly degraded?: string
  readonly fallback?: boolean
  readonly diet?: string
  /** The provider did not say what it used. */
  readonly estimated?: boolean
}

export function marksOf({ target, marks }: Pick<Reply<unknown>, 'target' | 'marks'>, end?: End): AnswerMarks {
  const { cache, fallback, diet, degraded = end?.degraded } = marks
  const estimated = marks.estimated ?? end?.exact === false
  return {
    target,
    ...(cache === undefined ? {} : { cache }),
    ...(degraded === undefined ? {} : { degraded }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(diet === undefined ? {} : { diet }),
    ...(estimated ? { estimated } : {}),
  }
}

export function markMessage(message: BaseMessage, plimsoll: AnswerMarks): void {
  message.response_metadata = { ...message.response_metadata, plimsoll }
}

/** How it ended, where it has: an answer never waits for its own accounting. */
export function endSoFar({ end }: Pick<Reply<unknown>, 'end'>): Promise<End | undefined> {
  return Promise.race([end, Promise.resolve(undefined)])
}
