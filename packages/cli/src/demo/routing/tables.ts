import type { PlimsollConfig } from '@plimsoll/core'
import type { FakeProviderOptions, Fault } from '@plimsoll/fake-provider'
import { serviceAt } from '../limits.ts'
import type { Step } from '../workload.ts'
import { isRight } from './is-right.ts'

export const FRONTIER = 'gpt-4.1'
const SMALL = 'gpt-4.1-mini'
const SMALLEST = 'gpt-4.1-nano'
export const ROUTED_MODELS = [FRONTIER, SMALL, SMALLEST] as const

type Tasks = NonNullable<PlimsollConfig['tasks']> & Readonly<Record<Step, object>>

const strongest = { targets: [`openai/${FRONTIER}`] }
const small = (id: string) => ({
  targets: [`openai/${id}`],
  validate: isRight,
  escalate: [`openai/${FRONTIER}`],
})

/** Two tables for the same calls, and all that differs between the two ways. */
export const TABLES: Readonly<Record<'frontier' | 'routed', Tasks>> = {
  frontier: { classify: strongest, extract: strongest, summarise: strongest, answer: strongest },
  routed: {
    classify: small(SMALLEST),
    extract: small(SMALL),
    summarise: small(SMALL),
    answer: small(SMALL),
  },
}

/** Of the small models' answers. Nobody's figure but the demo's: which one would be too many is said beside the result. */
export const WRONG_SHARE = 1 / 8

/** Without limits: what is asked here is what it costs, and not how long it takes. */
export function openProvider(seed: number, minuteMs: number): FakeProviderOptions {
  // All three count alike, as models of one family do: else a tokenizer would decide what is cheaper.
  const model = { ...serviceAt(minuteMs), tokenBias: 1 }
  const faults = [SMALL, SMALLEST].map((id): Fault => ({
    kind: 'wrong-answer',
    model: id,
    rate: WRONG_SHARE,
  }))
  return { seed, minuteMs, models: Object.fromEntries(ROUTED_MODELS.map((id) => [id, model])), faults }
}

const SLOTS = 1_000

export const OPEN_TARGETS: NonNullable<PlimsollConfig['targets']> = Object.fromEntries(
  ROUTED_MODELS.map((id) => [`openai/${id}`, { limits: [{ unit: 'slots', amount: SLOTS }] }]),
)
