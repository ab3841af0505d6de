import type { CallRecord, RunRecord } from '../call/record.ts'

/**
 * A flat event of one call or one run, for a warehouse or a log: every field is always there, and `null` where it is not
 * known or means nothing.
 */
export interface MetricEvent {
  /** Of a call its id, of a run the run's. */
  readonly request_id: string
  readonly feature: string | null
  readonly tenant_id: string | null
  /** The target that answered. A run has many: `null`. */
  readonly model: string | null
  readonly prompt_version: string | null
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  /** Dollars. `null` where a price is not known: never 0 for that. */
  readonly estimated_cost: number | null
  readonly latency_ms: {
    /** The steps named `retrieval` of a run; a call has none. */
    readonly retrieval: number | null
    /** Plimsoll's own work, and the host's. Of a run: `null`. */
    readonly handling: number | null
    readonly queue: number
    readonly retry_delay: number
    /** From the start of the call. A run has many: `null`. */
    readonly first_content: number | null
    readonly model: number
    readonly validation: number
    readonly total: number
  }
  readonly retry_count: number
  /** Answered from our cache, or by the same call of another; of a run, whether any of its calls was. */
  readonly cache_hit: boolean
  /** Another target answered than was asked for; of a run, for any of its calls. */
  readonly fallback_used: boolean
}

/**
 * What `call.finished` or `run.finished` tells, under the names that dashboards use.
 *
 * ```ts
 * plimsoll.on((event) => {
 *   if (event.type === 'call.finished') warehouse.insert(toMetricEvent(event))
 * })
 * ```
 */
export function toMetricEvent(record: CallRecord | RunRecord): MetricEvent {
  const { attributes, usage, latencyMs } = record
  const own = 'callId' in record ? ofCall(record) : ofRun(record)
  return {
    request_id: own.request_id,
    feature: attributes.feature ?? null,
    tenant_id: attributes.tenant ?? null,
    model: own.model,
    prompt_version: attributes.promptVersion ?? null,
    input_tokens: usage.inputTokens ?? null,
    output_tokens: usage.outputTokens ?? null,
    estimated_cost: record.costUsd ?? null,
    latency_ms: {
      ...own.latency_ms,
      queue: latencyMs.queue,
      retry_delay: latencyMs.retryDelay,
      model: latencyMs.model,
      validation: latencyMs.validation,
      total: latencyMs.total,
    },
    retry_count: record.retries,
    cache_hit: own.cache_hit,
    fallback_used: own.fallback_used,
  }
}

function ofCall({ callId, target, cache, fallback, latencyMs }: CallRecord) {
  const { handling, firstContent = null } = latencyMs
  return {
    request_id: callId,
    model: target,
    latency_ms: { retrieval: null, handling, first_content: firstContent },
    cache_hit: cache !== undefined,
    fallback_used: fallback,
  }
}

function ofRun({ run, cacheHits, fallbacks, latencyMs: { steps } }: RunRecord) {
  const retrieval = Object.hasOwn(steps, 'retrieval') ? steps['retrieval']! : null
  return {
    request_id: run,
    model: null,
    latency_ms: { retrieval, handling: null, first_content: null },
    cache_hit: cacheHits > 0,
    fallback_used: fallbacks > 0,
  }
}
