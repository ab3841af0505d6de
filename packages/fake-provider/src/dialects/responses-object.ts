import { type Fields, isFields } from '../checks.ts'
import type { Reply, Usage } from './dialect.ts'
import { messageId } from './responses-ids.ts'

/** What the real API says where the request says nothing. */
const DEFAULTS: Fields = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  reasoning: { effort: null, summary: null },
  store: true,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  truncation: 'disabled',
  user: null,
}

/** A response that has begun. */
export function begun({ requestId, model, createdMs, echo }: Reply): Fields {
  const repeated = Object.fromEntries(
    Object.entries(DEFAULTS).map(([name, value]) => [name, echo[name] ?? value]),
  )
  return {
    id: `resp_${requestId}`,
    object: 'response',
    created_at: Math.floor(createdMs / 1000),
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model,
    output: [],
    previous_response_id: null,
    service_tier: echo['service_tier'] ?? 'auto',
    text: { format: { type: 'text' }, ...(isFields(echo['text']) ? echo['text'] : {}) },
    usage: null,
    ...repeated,
  }
}

/** A response whose answer is whole, or as long as it may be. */
export function ended(reply: Reply, item: Fields): Fields {
  const { answer, usage, serviceTier } = reply
  return {
    ...begun(reply),
    status: answer.cut ? 'incomplete' : 'completed',
    incomplete_details: answer.cut ? { reason: 'max_output_tokens' } : null,
    output: [item],
    service_tier: serviceTier,
    usage: usage ? writeUsage(usage) : null,
  }
}

/** A response that failed while it was made. */
export function failed(reply: Reply, error: { code: string; message: string }): Fields {
  return { ...begun(reply), status: 'failed', error }
}

/** What the answer is: a message, or the call of a tool. */
export function outputItem({ answer, requestId }: Reply, text: string): Fields {
  const status = answer.cut ? 'incomplete' : 'completed'
  if (answer.tool) {
    const ids = { id: `fc_${requestId}`, call_id: `call_${requestId}` }
    return { type: 'function_call', ...ids, status, name: answer.tool.name, arguments: text }
  }
  const id = messageId(requestId, text)
  return { type: 'message', id, status, role: 'assistant', content: [outputText(text)] }
}

export function outputText(text: string): Fields {
  return { type: 'output_text', annotations: [], logprobs: [], text }
}

function writeUsage({ prompt, cached, completion }: Usage): Fields {
  return {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: completion,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: prompt + completion,
  }
}
