import type { Finish, PartInfo, Usage } from '@plimsoll/core'
import { Response } from 'effect/ai'

type AnyPart = Response.AnyPart

const CONTENT: ReadonlySet<string> = new Set<AnyPart['type']>([
  'text',
  'reasoning',
  'tool-call',
  'tool-result',
  'tool-approval-request',
  'file',
  'source',
])

/** What a part of a stream says of the answer. Starts, ends and metadata are not what anyone came for. */
export function partInfo(part: AnyPart): PartInfo {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-params-delta':
      return part.delta === '' ? {} : { content: true, bytes: Buffer.byteLength(part.delta) }
    case 'finish':
      return finishInfo(part)
    case 'error':
      // Even one that is nothing at all must count as a failure.
      return { error: part.error ?? new Error('The provider reported an error and did not say which.') }
    default:
      return CONTENT.has(part.type) ? { content: true } : {}
  }
}

/** The same of a whole answer. */
export function answerInfo(content: readonly AnyPart[]): PartInfo {
  let bytes = 0
  for (const part of content) {
    if (part.type === 'text' || part.type === 'reasoning') bytes += Buffer.byteLength(part.text)
    if (part.type === 'tool-call') bytes += Buffer.byteLength(JSON.stringify(part.params) ?? '')
  }
  const finish = finishOf(content)
  return { content: true, bytes, ...(finish && finishInfo(finish)) }
}

export function finishOf(content: readonly AnyPart[]): Response.FinishPart | undefined {
  return content.findLast((part): part is Response.FinishPart => part.type === 'finish')
}

function finishInfo({ reason, usage }: Response.FinishPart): PartInfo {
  const used = usageOf(usage)
  return { finish: FINISHES[reason], ...(used && { usage: used }) }
}

const FINISHES: Readonly<Record<Response.FinishReason, Finish>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
  error: 'error',
  pause: 'other',
  other: 'other',
  unknown: 'other',
}

function usageOf({ inputTokens, outputTokens }: Response.Usage): Usage | undefined {
  const counts = {
    inputTokens: inputTokens.total,
    outputTokens: outputTokens.total,
    cacheReadTokens: inputTokens.cacheRead,
    cacheWriteTokens: inputTokens.cacheWrite,
    reasoningTokens: outputTokens.reasoning,
  }
  const known = Object.entries(counts).filter(([, count]) => count !== undefined)
  return known.length === 0 ? undefined : Object.fromEntries(known)
}

/** An answer that no model was asked for used nothing. */
export const NO_USAGE = new Response.Usage({
  inputTokens: { uncached: 0, total: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
})

/** What is worth keeping of a part: its headers tell of limits as they were then. */
export function kept<P extends { readonly type: string }>(part: P): P {
  return part.type === 'finish' ? { ...part, response: undefined } : part
}
