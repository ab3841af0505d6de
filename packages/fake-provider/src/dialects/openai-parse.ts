import { fromSchema } from '../answer/schema-json.ts'
import { type Fields, isFields } from '../checks.ts'
import { ApiError } from '../http/api-error.ts'
import { createPromptMeter, type PromptMeter } from '../prompt/prompt.ts'
import type { ChatRequest } from './dialect.ts'
import { forcedTool } from './forced-tool.ts'

export function parseOpenAi(body: Fields, model: string): ChatRequest {
  const { messages, tools } = body
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalid("Invalid 'messages': expected a non-empty array of messages.", 'messages')
  }
  if (body['n'] !== undefined && body['n'] !== 1) throw invalid("Invalid 'n': only 1 is supported here.", 'n')
  const meter = createPromptMeter(model)
  const hasTools = Array.isArray(tools) && tools.length > 0
  if (hasTools) {
    for (const tool of tools) meter.tool(tool)
    meter.endMessage(false)
  }
  let userText = ''
  let role = ''
  for (const [index, message] of messages.entries()) {
    if (!isFields(message) || typeof message['role'] !== 'string') {
      throw invalid(`Missing required parameter: 'messages[${index}].role'.`, `messages[${index}].role`)
    }
    role = message['role']
    const text = measureContent(meter, message['content'], `messages[${index}].content`)
    if (role === 'user') userText = text
    if (message['tool_calls'] !== undefined) meter.json(message['tool_calls'])
    meter.endMessage(false)
  }
  if (body['response_format'] !== undefined) meter.json(body['response_format'])
  const prompt = meter.finish({ userText, toolResult: role === 'tool' || role === 'function' })
  const options = isFields(body['stream_options']) ? body['stream_options'] : {}
  return {
    prompt,
    cacheable: prompt.prefixes,
    stream: body['stream'] === true,
    includeUsage: options['include_usage'] === true,
    maxTokens: readLimit(body, 'max_completion_tokens') ?? readLimit(body, 'max_tokens'),
    hasTools,
    forcedTool: forcedTool(body),
    json: jsonFor(body['response_format']),
  }
}

/** Counts a content and returns its text. */
function measureContent(meter: PromptMeter, content: unknown, at: string): string {
  if (content === null || content === undefined) return ''
  if (typeof content === 'string') {
    meter.text(content)
    return content
  }
  if (!Array.isArray(content)) throw invalid(`Invalid type for '${at}': expected a string or an array.`, at)
  let text = ''
  for (const part of content) {
    if (!isFields(part)) throw invalid(`Invalid type for '${at}[]': expected an object.`, at)
    if (typeof part['text'] === 'string') {
      meter.text(part['text'])
      text += part['text']
    } else if (part['type'] === 'image_url') meter.image()
    else meter.json(part)
  }
  return text
}

function readLimit(body: Fields, field: string): number | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
  throw invalid(`Invalid '${field}': expected a whole number of at least 1.`, field)
}

function jsonFor(format: unknown): string | undefined {
  if (!isFields(format)) return undefined
  if (format['type'] === 'json_object') return '{"result":"text"}'
  if (format['type'] !== 'json_schema') return undefined
  const named = isFields(format['json_schema']) ? format['json_schema'] : {}
  return JSON.stringify(fromSchema(named['schema']))
}

function invalid(message: string, param: string): ApiError {
  return new ApiError('invalid-request', message, { param })
}
