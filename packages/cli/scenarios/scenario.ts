import type { LimitAlgorithm } from '@plimsoll/fake-provider'
import { openaiClient } from '../src/demo/client.ts'
import { callsOf, serverOptions, serviceAt, share, targets, tokenLimit } from '../src/demo/limits.ts'
import type { ModelLimits, ProviderPlan } from '../src/demo/limits.ts'
import { shortestChainMs } from '../src/demo/lower-bound.ts'
import type { Service } from '../src/demo/lower-bound.ts'
import type { Setup } from '../src/demo/run-side.ts'
import { createWorkload } from '../src/demo/workload.ts'
import type { ModelCall, Run } from '../src/demo/workload.ts'
import { anthropicClient } from './anthropic-client.ts'

export const BINDINGS = ['RPM', 'TPM', 'ITPM', 'OTPM', 'slots'] as const
export type Binding = (typeof BINDINGS)[number]

/** One provider to be tried: what is scarce, and how it comes back. */
export interface Scenario {
  readonly binding: Binding
  readonly algorithm: LimitAlgorithm
  readonly seed: number
}

export interface Scale {
  readonly users: number
  readonly minuteMs: number
  /** Minutes of work. A provider counts up to 15 % less than we do, and six have to be left. */
  readonly load: number
}

const ALGORITHMS: readonly LimitAlgorithm[] = ['token-bucket', 'fixed-window', 'sliding-window']
const SEEDS = [1, 2, 3]

/** Input and output of one provider are limited apart: by turns the one and the other is scarce. */
export const ALL: readonly Scenario[] = (['RPM', 'TPM', 'ITPM', 'slots'] as const).flatMap((binding) =>
  ALGORITHMS.flatMap((algorithm) =>
    SEEDS.map((seed) => ({ binding: binding === 'ITPM' && seed === 2 ? 'OTPM' : binding, algorithm, seed })),
  ),
)

/** One of each kind of limit. */
export const SAMPLE: readonly Scenario[] = [
  { binding: 'RPM', algorithm: 'fixed-window', seed: 1 },
  { binding: 'TPM', algorithm: 'sliding-window', seed: 2 },
  { binding: 'ITPM', algorithm: 'token-bucket', seed: 3 },
  { binding: 'slots', algorithm: 'token-bucket', seed: 1 },
]

const OPENAI_MODEL = 'gpt-4.1'
const ANTHROPIC_MODEL = 'claude-sonnet-4-5'
const TENANTS = 10
/** Of a minute, as a second is of the demo's. */
const ARRIVAL_PART = 1 / 4
/** Of the minutes of work: what is not to bind is this much wider. */
const WIDE = 0.75
/** Slots are held by long answers. */
const SLOW = 4
const STOP_AFTER = 4

export function scenarioSetup(scenario: Scenario, scale: Scale): { setup: Setup; chainMs: number } {
  const { binding, seed } = scenario
  const { users, minuteMs, load } = scale
  const split = binding === 'ITPM' || binding === 'OTPM'
  const model = split ? ANTHROPIC_MODEL : OPENAI_MODEL
  const models = { small: model, large: model }
  const arrivalMs = minuteMs * ARRIVAL_PART
  const runs = createWorkload({ seed, users, tenants: TENANTS, arrivalMs, models, steer: true })
  const service = serviceAt(binding === 'slots' ? minuteMs * SLOW : minuteMs)
  const limits = limitsOf(scenario, { calls: callsOf(runs, model), scale, service })
  const plan: ProviderPlan = { seed, minuteMs, service, models: { [model]: limits } }
  const stopMs = STOP_AFTER * load * minuteMs
  return {
    setup: {
      runs,
      client: split ? anthropicClient : openaiClient,
      provider: serverOptions(plan),
      plimsoll: { targets: targets(split ? 'anthropic' : 'openai', plan), queue: { maxWaitMs: stopMs } },
      retryEveryMs: minuteMs,
      stopAfterMs: { baseline: stopMs, naive: stopMs, plimsoll: stopMs },
    },
    chainMs: shortestChainMs(outputsOf(runs), service),
  }
}

function outputsOf(runs: readonly Run[]): number[][] {
  return runs.map(({ calls }) => calls.map(({ outputTokens }) => outputTokens))
}

function limitsOf(
  { binding, algorithm }: Scenario,
  { calls, scale, service }: { calls: readonly ModelCall[]; scale: Scale; service: Service },
): ModelLimits {
  const { load, minuteMs } = scale
  if (binding === 'RPM') return { algorithm, perMinute: { requests: Math.ceil(calls.length / load) } }
  if (binding === 'TPM') return { algorithm, perMinute: { tokens: tokenLimit(calls, load) } }
  if (binding === 'slots') {
    const busyMs = calls.reduce(
      (sum, { outputTokens }) => sum + service.ttftMs + (outputTokens / service.tokensPerSecond) * 1_000,
      0,
    )
    const concurrency = Math.max(1, Math.round(busyMs / (load * minuteMs)))
    return { algorithm, perMinute: { tokens: tokenLimit(calls, load * WIDE * WIDE) }, concurrency }
  }
  const prompts = calls.map(({ promptTokens }) => promptTokens)
  const answers = calls.map(({ outputTokens }) => outputTokens)
  const [input, output] = binding === 'ITPM' ? [load, load * WIDE] : [load * WIDE, load]
  return { algorithm, perMinute: { input: share(prompts, input), output: share(answers, output) } }
}
