import type { PartInfo } from '@plimsoll/core'
import { finishOf, usageOf } from './usage.ts'
import type { GenerateResult, StreamPart } from './versions.ts'

const CONTENT: ReadonlySet<string> = new Set<StreamPart['type']>([
  'tool-call',
  'tool-result',
  'tool-approval-request',
  'file',
  'reasoning-file',
  'source',
  'custom',
])

/** What a part of a stream says of the answer. Starts, ends, pings and raw chunks are not what anyone came for. */
export function partInfo(part: StreamPart): PartInfo {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-input-delta':
      return part.delta === '' ? {} : { content: true, bytes: Buffer.byteLength(part.delta) }
    case 'finish': {
      const usage = usageOf(part)
      // AI SDK 6 has no word for a stream that broke off: it comes to its end without a reason, and without usage.
      const isUnsaid = usage === undefined && part.finishReason?.raw === undefined
      const finish = finishOf(part.finishReason)
      return withUsage({ finish: isUnsaid && finish === 'other' ? 'interrupted' : finish }, usage)
    }
    case 'error':
      // Even one that is nothing at all must count as a failure.
      return { error: part.error ?? new Error('The provider reported an error and did not say which.') }
    default:
      return CONTENT.has(part.type) ? { content: true } : {}
  }
}

/** The same of a whole answer. */
export function resultInfo(result: GenerateResult): PartInfo {
  const { content, finishReason, usage, providerMetadata, response } = result
  let bytes = 0
  for (const part of content) {
    if (part.type === 'text' || part.type === 'reasoning') bytes += Buffer.byteLength(part.text)
    if (part.type === 'tool-call') bytes += Buffer.byteLength(part.input)
  }
  const used = usageOf({ usage, providerMetadata, body: response?.body })
  return withUsage({ content: true, finish: finishOf(finishReason), bytes }, used)
}

function withUsage(info: PartInfo, usage: PartInfo['usage']): PartInfo {
  return usage === undefined ? info : { ...info, usage }
}
