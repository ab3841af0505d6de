import type { TargetConfig } from '@plimsoll/core'
import { openaiClient } from './client.ts'
import { prices } from './cost.ts'
import { callsOf, serverOptions, serviceAt, targets, tokenLimit } from './limits.ts'
import type { ModelLimits, ProviderPlan } from './limits.ts'
import { shortestChainMs } from './lower-bound.ts'
import type { DemoOptions, ExternalOptions } from './options.ts'
import type { Setup } from './run-side.ts'
import { createWorkload } from './workload.ts'
import type { Run } from './workload.ts'

export const MODELS = { small: 'gpt-4.1-mini', large: 'gpt-4.1' }
const ARRIVAL_MS = 1_000

/** Nobody waits longer for a loop to get through. */
const NAIVE_STOP_MS = 30_000
/** Nothing should take that long; what does is reported as it stands. */
const STOP_MS = 120_000
/** Real minutes are fifteen times as long as the demo's. */
const EXTERNAL_STOP_MS = 600_000
const EXTERNAL_RETRY_MS = 1_000
/** A loop that sleeps seven seconds of a minute. */
const RETRIES_PER_MINUTE = 8

/** For the same work, of what the large model allows. */
const SMALL_ALLOWS = 4
/** Tokens run out long before requests do, as they do with providers' usual limits. */
const REQUESTS_ALLOW = 20

export interface DemoSetup {
  readonly setup: Setup
  /** What the shortest run takes by itself; 0 where nobody can know. */
  readonly chainMs: number
  /** What is about to happen, in words. */
  readonly intro: string
}

export function demoSetup(options: DemoOptions): DemoSetup {
  return options.external === undefined ? local(options) : external(options, options.external)
}

function local(options: DemoOptions): DemoSetup {
  const { seed, minuteMs, load, users, tenants } = options
  const runs = createWorkload({ seed, users, tenants, arrivalMs: ARRIVAL_MS, models: MODELS, steer: true })
  const service = serviceAt(minuteMs)
  const plan: ProviderPlan = { seed, minuteMs, service, models: limitsFor(runs, load) }
  return {
    setup: {
      runs,
      client: openaiClient,
      provider: serverOptions(plan),
      plimsoll: { targets: targets('openai', plan), prices, queue: { maxWaitMs: STOP_MS } },
      retryEveryMs: minuteMs / RETRIES_PER_MINUTE,
      stopAfterMs: { baseline: STOP_MS, naive: NAIVE_STOP_MS, plimsoll: STOP_MS },
    },
    chainMs: shortestChainMs(outputs(runs), service),
    intro: introOf(options, plan),
  }
}

/** The large model is what everybody waits for: providers allow several times as much of their small ones. */
export function limitsFor(runs: readonly Run[], load: number): Record<string, ModelLimits> {
  const limits = (model: string, minutes: number): ModelLimits => {
    const calls = callsOf(runs, model)
    return {
      algorithm: 'token-bucket',
      perMinute: {
        tokens: tokenLimit(calls, minutes),
        requests: Math.ceil((calls.length / minutes) * REQUESTS_ALLOW),
      },
    }
  }
  return {
    [MODELS.small]: limits(MODELS.small, load / SMALL_ALLOWS),
    [MODELS.large]: limits(MODELS.large, load),
  }
}

function outputs(runs: readonly Run[]): number[][] {
  return runs.map(({ calls }) => calls.map(({ outputTokens }) => outputTokens))
}

function introOf({ users, tenants, minuteMs, load, seed }: DemoOptions, plan: ProviderPlan): string {
  const limits = Object.entries(plan.models).map(
    ([model, { perMinute }]) =>
      `${model} ${perMinute.tokens} tokens and ${perMinute.requests} requests a minute`,
  )
  return [
    `${users} users of ${tenants} tenants arrive within ${ARRIVAL_MS / 1_000} s; each makes four calls in turn (seed ${seed}).`,
    `The provider is a fake one in a process of its own: ${limits.join(', ')}.`,
    `Its minute is scaled: 1 minute = ${minuteMs / 1_000} s, its answers as much faster. All this is about ${load} minutes of work.`,
    'The three sides run one after the other, each on a fresh server.',
  ].join('\n')
}

function external(options: DemoOptions, { baseURL, apiKey, model, rpm, tpm }: ExternalOptions): DemoSetup {
  const { seed, users, tenants } = options
  const models = { small: model, large: model }
  const runs = createWorkload({ seed, users, tenants, arrivalMs: ARRIVAL_MS, models, steer: false })
  const target: TargetConfig =
    rpm === undefined && tpm === undefined
      ? { limits: 'learn' }
      : { limits: { ...(rpm !== undefined && { rpm }), ...(tpm !== undefined && { tpm }) } }
  const calls = runs.flatMap((run) => run.calls)
  const tokens = calls.reduce(
    (sum, { promptTokens, maxOutputTokens }) => sum + promptTokens + maxOutputTokens,
    0,
  )
  return {
    setup: {
      runs,
      client: openaiClient,
      provider: { baseURL, apiKey },
      plimsoll: { targets: { [`openai/${model}`]: target }, prices, queue: { maxWaitMs: EXTERNAL_STOP_MS } },
      retryEveryMs: EXTERNAL_RETRY_MS,
      stopAfterMs: { baseline: EXTERNAL_STOP_MS, naive: NAIVE_STOP_MS, plimsoll: EXTERNAL_STOP_MS },
    },
    chainMs: 0,
    intro: [
      `${users} users of ${tenants} tenants make four calls each to ${model} at ${baseURL}, for each side.`,
      `This costs money: up to ${calls.length} calls and ${tokens} tokens a side, retries not counted.`,
      'What is counted is counted here: there is no lower bound without the provider’s own count.',
    ].join('\n'),
  }
}
