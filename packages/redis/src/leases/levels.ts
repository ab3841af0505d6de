import type { AnswerTo, Op } from '@plimsoll/core'

type PeekOp = Extract<Op, { type: 'peek' }>
type Levels = Extract<AnswerTo<PeekOp>, { kind: 'levels' }>

/** What lies here unused is there for whoever asks here. */
export function withSlices(
  { buckets, amounts }: PeekOp,
  { kind, levels }: Levels,
  freeOf: (key: string) => number,
): Levels {
  return {
    kind,
    levels: levels.map((level, index) => {
      const free = freeOf(buckets[index]!.key)
      const waitMs = amounts[index]! <= free ? 0 : level.waitMs
      return { ...level, available: level.available + free, waitMs }
    }),
  }
}
