import { isFields } from '../checks.ts'
import { anthropicError, anthropicLimitHeaders } from './anthropic-headers.ts'
import { parseAnthropic } from './anthropic-parse.ts'
import type { Dialect, Reply, StreamFormat, Usage } from './dialect.ts'
import { sse } from './sse.ts'

/** `POST /v1/messages`. */
export const anthropic: Dialect = {
  requestIdHeader: 'request-id',
  parse: parseAnthropic,
  limitHeaders: anthropicLimitHeaders,
  error: anthropicError,
  complete(reply) {
    const { answer, usage } = reply
    const text = answer.slice(0, answer.tokens)
    const content = answer.tool ? { ...toolUse(reply), input: parseInput(text) } : { type: 'text', text }
    return {
      ...message(reply),
      content: [content],
      stop_reason: stopReason(reply),
      ...(usage && { usage: { ...inputUsage(reply, usage), output_tokens: usage.completion } }),
    }
  },
  stream,
}

function stream(reply: Reply): StreamFormat {
  const { answer, usage } = reply
  const started = {
    ...message(reply),
    content: [],
    stop_reason: null,
    ...(usage && { usage: { ...inputUsage(reply, usage), output_tokens: 1 } }),
  }
  const block = answer.tool ? { ...toolUse(reply), input: {} } : { type: 'text', text: '' }
  const delta = (text: string): unknown =>
    answer.tool ? { type: 'input_json_delta', partial_json: text } : { type: 'text_delta', text }
  return {
    keepAlive: () => sse('ping', {}),
    open: () =>
      sse('message_start', { message: started }) +
      sse('content_block_start', { index: 0, content_block: block }) +
      sse('ping', {}),
    piece: (text) => sse('content_block_delta', { index: 0, delta: delta(text) }),
    close: () =>
      sse('content_block_stop', { index: 0 }) +
      sse('message_delta', {
        delta: { stop_reason: stopReason(reply), stop_sequence: null },
        ...(usage && { usage: { output_tokens: usage.completion } }),
      }) +
      sse('message_stop', {}),
    error: () => sse('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  }
}

function message({ requestId, model }: Reply): Record<string, unknown> {
  return { id: `msg_${requestId}`, type: 'message', role: 'assistant', model, stop_sequence: null }
}

function toolUse({ requestId, answer }: Reply): Record<string, unknown> {
  return { type: 'tool_use', id: `toolu_${requestId}`, name: answer.tool?.name }
}

/** Arguments cut off by max_tokens are no JSON any more: the real API gives what it could read of them. */
function parseInput(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text)
    return isFields(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

function stopReason({ answer }: Reply): string {
  if (answer.cut) return 'max_tokens'
  return answer.tool ? 'tool_use' : 'end_turn'
}

/** `input_tokens` leaves out what was read from or written to the cache. */
function inputUsage({ serviceTier }: Reply, usage: Usage): Record<string, unknown> {
  const { prompt, cached, written, writtenForAnHour } = usage
  return {
    input_tokens: prompt - cached - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
    cache_creation: {
      ephemeral_5m_input_tokens: written - writtenForAnHour,
      ephemeral_1h_input_tokens: writtenForAnHour,
    },
    service_tier: serviceTier,
  }
}
