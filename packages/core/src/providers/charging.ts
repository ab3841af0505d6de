import type { Charging, Unit } from './profile.ts'

/** What is counted in tokens; a request is one request to all. */
export type TokenUnit = Exclude<Unit, 'requests'>

/** What a call may come to, in whole tokens. */
export interface MayUse {
  readonly input: number
  /** `max_tokens`, where the request sets it. */
  readonly maxOutput: number | undefined
  readonly likelyOutput: number
}

/** What a call came to, in whole tokens. */
export interface Used {
  /** All of it, with what was read from the cache. */
  readonly input: number
  readonly cacheRead: number
  readonly output: number
  /** `max_tokens`, where the request set it. */
  readonly maxOutput: number | undefined
  /** Whether the output was reported, and is not only the least that it can have been. */
  readonly exact: boolean
}

/** How much of a limit a provider takes when it lets a call in. */
export function reservedOf(
  unit: TokenUnit,
  charging: Charging,
  { input, maxOutput, likelyOutput }: MayUse,
): number {
  const { rule, outputFree } = charging
  if (unit === 'input') return input
  const output = outputReserved(charging, maxOutput, likelyOutput)
  if (unit === 'output') return output
  if (outputFree) return input
  return rule === 'max' ? Math.max(input, output) : input + output
}

function outputReserved(
  { rule, maxOutputTokens }: Charging,
  maxOutput: number | undefined,
  likelyOutput: number,
): number {
  // A provider that counts output as it is generated does not mind what it might have been.
  if (rule === 'input-then-live-output') return Math.min(maxOutput ?? likelyOutput, likelyOutput)
  if (rule === 'reserve-with-max-settle-with-burn-down') return maxOutput ?? maxOutputTokens ?? likelyOutput
  return maxOutput ?? likelyOutput
}

/** How much of it that comes to once it is known what the call used: less, or more. */
export function settledOf(unit: TokenUnit, charging: Charging, used: Used): number {
  const { rule, cacheReadsFree, outputFree, burnDown } = charging
  const free = cacheReadsFree === true || cacheReadsFree === unit ? used.cacheRead : 0
  const input = Math.max(0, used.input - free)
  const { output } = used
  if (unit === 'input') return input
  if (unit === 'output') return output
  if (outputFree) return input
  // One that keeps what it reserved has charged the whole `max_tokens`, however short the answer was.
  const kept = Math.max(output, used.maxOutput ?? 0)
  switch (rule) {
    case 'max':
      return Math.max(input, kept)
    case 'sum':
      return input + kept
    case 'reserve-with-max-settle-with-burn-down':
      // Of an answer that broke nobody knows more than that it was reserved for: to burn all of that down would be a guess.
      return input + (used.exact ? Math.ceil(output * burnDown) : output)
    default:
      return input + output
  }
}
