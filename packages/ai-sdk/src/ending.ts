import type { Ending } from '@plimsoll/core'
import { NO_USAGE } from './no-usage.ts'
import type { StreamPart } from './versions.ts'

const ENDS = { 'text-start': 'text-end', 'reasoning-start': 'reasoning-end' } as const

/** What ends a stream that broke off: texts that are open are closed, and a last part says that there is no more. */
export function endingOf(): Ending {
  const open = new Map<string, (typeof ENDS)[keyof typeof ENDS]>()
  return {
    see(part) {
      const { type, id = '' } = part as { readonly type: StreamPart['type']; readonly id?: string }
      if (type === 'text-start' || type === 'reasoning-start') open.set(id, ENDS[type])
      if (type === 'text-end' || type === 'reasoning-end') open.delete(id)
    },
    parts: (): readonly StreamPart[] => [
      ...Array.from(open, ([id, type]) => ({ type, id })),
      { type: 'finish', finishReason: { unified: 'other', raw: 'partial' }, usage: NO_USAGE },
    ],
  }
}
