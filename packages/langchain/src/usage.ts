import type { Finish, Usage } from '@plimsoll/core'
import { isFields } from './request.ts'
import type { Fields } from './request.ts'

/** What is known of the usage; `undefined` when that is nothing. `said` holds what a provider says beside the counts. */
export function usageOf(counts: unknown, said: Fields = {}): Usage | undefined {
  if (!isFields(counts)) return undefined
  const input = fieldsAt(counts, 'input_token_details')
  const known = Object.entries({
    inputTokens: counts['input_tokens'],
    outputTokens: counts['output_tokens'],
    cacheReadTokens: input['cache_read'],
    cacheWriteTokens: input['cache_creation'],
    cacheWrite1hTokens: fieldsAt(fieldsAt(said, 'usage'), 'cache_creation')['ephemeral_1h_input_tokens'],
    reasoningTokens: fieldsAt(counts, 'output_token_details')['reasoning'],
  }).filter(([, count]) => typeof count === 'number' && Number.isFinite(count) && count >= 0)
  if (known.length === 0) return undefined
  const tier = said['service_tier'] ?? fieldsAt(said, 'usage')['service_tier']
  return {
    ...Object.fromEntries(known),
    ...(typeof tier === 'string' && tier !== '' && { serviceTier: tier }),
  }
}

/** Usage that comes in pieces adds up, as LangChain itself adds them. */
export function addUsage(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const sum: Record<string, unknown> = { ...one }
  for (const [name, value] of Object.entries(other))
    sum[name] = typeof value === 'number' ? value + Number(sum[name] ?? 0) : value
  return sum
}

const FINISHES: Readonly<Record<string, Finish>> = {
  stop: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  completed: 'stop',
  length: 'length',
  max_tokens: 'length',
  max_output_tokens: 'length',
  model_context_window_exceeded: 'length',
  incomplete: 'length',
  content_filter: 'content-filter',
  refusal: 'content-filter',
  safety: 'content-filter',
  guardrail_intervened: 'content-filter',
  tool_calls: 'tool-calls',
  tool_use: 'tool-calls',
  function_call: 'tool-calls',
}

/** Why an answer ended, of the places where providers say so; `undefined` where none does. */
export function finishOf(...places: readonly unknown[]): Finish | undefined {
  for (const place of places) {
    if (!isFields(place)) continue
    const { finish_reason, finishReason, stop_reason, stopReason, status } = place
    const reason = finish_reason ?? finishReason ?? stop_reason ?? stopReason ?? status
    if (typeof reason === 'string' && reason !== '') return FINISHES[reason.toLowerCase()] ?? 'other'
  }
  return undefined
}

function fieldsAt(fields: Fields, name: string): Fields {
  const found = fields[name]
  return isFields(found) ? found : {}
}
