import { type Fields, isFields } from '../checks.ts'
import { ApiError } from '../http/api-error.ts'
import { createPromptMeter, type PromptMeter } from '../prompt/prompt.ts'
import type { ChatRequest } from './dialect.ts'
import { forcedTool } from './forced-tool.ts'
import {
  endMessage,
  invalid,
  jsonFor,
  measureContent,
  measureTools,
  openAiCaching,
  readLimit,
  serviceTier,
} from './openai-fields.ts'
import { tokensOf } from './responses-ids.ts'

/** What would need a server that keeps conversations, or runs on its own. */
const UNSUPPORTED = ['previous_response_id', 'conversation', 'prompt', 'background']

export function parseResponses(body: Fields, model: string): ChatRequest {
  for (const field of UNSUPPORTED) {
    if (body[field]) throw invalid(`Unsupported parameter: '${field}' is not supported here.`, field)
  }
  const { instructions, input, text } = body
  const meter = createPromptMeter(model)
  const hasTools = measureTools(meter, body['tools'])
  if (typeof instructions === 'string') {
    meter.text(instructions)
    endMessage(meter)
  }
  const last = measureInput(meter, input)
  const format = isFields(text) ? text['format'] : undefined
  if (format !== undefined) meter.json(format)
  const prompt = meter.finish(last)
  return {
    prompt,
    caching: openAiCaching(prompt),
    stream: body['stream'] === true,
    includeUsage: true,
    maxTokens: readLimit(body, 'max_output_tokens', 16),
    hasTools,
    forcedTool: forcedTool(body),
    json: jsonFor(format, format),
    serviceTier: serviceTier(body),
    echo: body,
  }
}

interface Last {
  userText: string
  toolResult: boolean
}

function measureInput(meter: PromptMeter, input: unknown): Last {
  const items: unknown = typeof input === 'string' ? [{ role: 'user', content: input }] : input
  if (!Array.isArray(items) || items.length === 0) {
    throw invalid("Missing required parameter: 'input'.", 'input')
  }
  const last = { userText: '', toolResult: false }
  for (const [index, item] of items.entries()) {
    const at = `input[${index}]`
    if (!isFields(item)) throw invalid(`Invalid type for '${at}': expected an object.`, at)
    const text = measureItem(meter, item, at)
    if (item['role'] === 'user') last.userText = text
    last.toolResult = item['type'] === 'function_call_output'
    endMessage(meter)
  }
  checkPairs(items.filter(isFields))
  return last
}

/** Calls and their outputs come together: a history that was cut between them is turned away. */
function checkPairs(items: readonly Fields[]): void {
  const open = new Set<unknown>()
  for (const { type, call_id: id } of items) {
    if (type === 'function_call') open.add(id)
    if (type === 'function_call_output' && !open.delete(id)) {
      throw invalid(`No tool call found for function call output with call_id ${String(id)}.`, 'input')
    }
  }
  for (const id of open) throw invalid(`No tool output found for function call ${String(id)}.`, 'input')
}

/** Counts an item; returns the text of a message. */
function measureItem(meter: PromptMeter, item: Fields, at: string): string {
  switch (item['type'] ?? 'message') {
    case 'message':
      if (typeof item['role'] !== 'string') {
        throw invalid(`Missing required parameter: '${at}.role'.`, `${at}.role`)
      }
      return measureContent(meter, item['content'], `${at}.content`)
    case 'function_call':
      meter.text(`${String(item['name'])} ${String(item['arguments'])}`)
      return ''
    case 'function_call_output':
      measureContent(meter, item['output'], `${at}.output`)
      return ''
    case 'item_reference': {
      const id = String(item['id'])
      const tokens = tokensOf(id)
      if (tokens === undefined) {
        throw new ApiError('not-found', `Item with id '${id}' not found.`, { param: 'input' })
      }
      meter.reference(id, tokens)
      return ''
    }
    default:
      meter.json(item)
      return ''
  }
}
