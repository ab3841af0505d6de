import type { AnswerTo, Lack, Level, Op } from '@plimsoll/core'
import type { LeaseAnswer } from './leases/lease-op.ts'
import { leaseAnswer } from './leases/lease-words.ts'

/** What the script answered, as core reads it; undefined when it wants to be asked again with other periods. */
export function answerOf([kind, ...rest]: readonly string[]): AnswerTo<Op> | LeaseAnswer | undefined {
  switch (kind) {
    case 'granted':
    case 'done':
      return { kind }
    case 'leads':
    case 'over':
      return { kind }
    case 'follows':
      return { kind, untilMs: Number(rest[0]) }
    case 'hello':
      return { kind: 'done' }
    case 'leased':
      return leaseAnswer(rest.slice(1))
    case 'refused':
      return { kind, lacks: inThrees(rest).map(([index, waitMs, never]) => lackOf(index, waitMs, never)) }
    case 'levels':
      return {
        kind,
        levels: inThrees(rest).map(([available, capacity, waitMs]) => levelOf(available, capacity, waitMs)),
      }
    default:
      return undefined
  }
}

function lackOf(index: string, waitMs: string, never: string): Lack {
  return { index: Number(index), waitMs: Number(waitMs), never: never === '1' }
}

function levelOf(available: string, capacity: string, waitMs: string): Level {
  return { available: Number(available), capacity: Number(capacity), waitMs: Number(waitMs) }
}

function inThrees(words: readonly string[]): [string, string, string][] {
  const threes: [string, string, string][] = []
  for (let index = 0; index < words.length; index += 3) {
    threes.push([words[index]!, words[index + 1]!, words[index + 2]!])
  }
  return threes
}
