import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { PartInfo } from '@plimsoll/core'
import { finishOf, usageOf } from './usage.ts'

const CONTENT: ReadonlySet<string> = new Set<LanguageModelV4StreamPart['type']>([
  'tool-call',
  'tool-result',
  'tool-approval-request',
  'file',
  'reasoning-file',
  'source',
  'custom',
])

/** What a part of a stream says of the answer. Starts, ends, pings and raw chunks are not what anyone came for. */
export function partInfo(part: LanguageModelV4StreamPart): PartInfo {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-input-delta':
      return part.delta === '' ? {} : { content: true, bytes: Buffer.byteLength(part.delta) }
    case 'finish':
      return withUsage({ finish: finishOf(part.finishReason) }, usageOf(part.usage))
    case 'error':
      // Even one that is nothing at all must count as a failure.
      return { error: part.error ?? new Error('The provider reported an error and did not say which.') }
    default:
      return CONTENT.has(part.type) ? { content: true } : {}
  }
}

/** The same of a whole answer. */
export function resultInfo({ content, finishReason, usage }: LanguageModelV4GenerateResult): PartInfo {
  let bytes = 0
  for (const part of content) {
    if (part.type === 'text' || part.type === 'reasoning') bytes += Buffer.byteLength(part.text)
    if (part.type === 'tool-call') bytes += Buffer.byteLength(part.input)
  }
  return withUsage({ content: true, finish: finishOf(finishReason), bytes }, usageOf(usage))
}

function withUsage(info: PartInfo, usage: PartInfo['usage']): PartInfo {
  return usage === undefined ? info : { ...info, usage }
}
