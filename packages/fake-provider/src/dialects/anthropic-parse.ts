import { fromSchema } from '../answer/schema-json.ts'
import { type Fields, isFields } from '../checks.ts'
import { ApiError } from '../http/api-error.ts'
import { createPromptMeter, type PromptMeter } from '../prompt/prompt.ts'
import { anthropicCaching, markOf, unmarked } from './anthropic-cache.ts'
import type { ChatRequest } from './dialect.ts'
import { forcedTool } from './forced-tool.ts'

export function parseAnthropic(body: Fields, model: string): ChatRequest {
  const { messages, tools, system } = body
  const maxTokens = body['max_tokens']
  if (maxTokens === undefined) throw invalid('max_tokens: Field required')
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1) {
    throw invalid('max_tokens: Input should be a whole number greater than or equal to 1')
  }
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalid('messages: at least one message is required')
  }
  const meter = createPromptMeter(model)
  const hasTools = Array.isArray(tools) && tools.length > 0
  if (hasTools) {
    for (const tool of tools) {
      meter.tool(unmarked(tool))
      meter.endPrefix(markOf(tool))
    }
    meter.endMessage()
  }
  if (system !== undefined) {
    measureContent(meter, system, 'system')
    meter.endMessage()
  }
  let last = { userText: '', toolResult: false }
  for (const [index, message] of messages.entries()) {
    const role = isFields(message) ? message['role'] : undefined
    if (!isFields(message) || (role !== 'user' && role !== 'assistant')) {
      throw invalid(`messages.${index}.role: Input should be 'user' or 'assistant'`)
    }
    const content = measureContent(meter, message['content'], `messages.${index}.content`)
    // A message that only brings a tool's result leaves the steering to the text before it.
    if (role === 'user') last = { ...content, userText: content.userText || last.userText }
    meter.endMessage()
  }
  const prompt = meter.finish(last)
  return {
    prompt,
    caching: anthropicCaching(prompt),
    stream: body['stream'] === true,
    includeUsage: true,
    maxTokens,
    hasTools,
    forcedTool: forcedTool(body),
    json: jsonFor(body),
    serviceTier: 'standard',
    echo: {},
  }
}

/** Counts a content; returns its text and whether it brings a tool's result. */
function measureContent(
  meter: PromptMeter,
  content: unknown,
  at: string,
): { userText: string; toolResult: boolean } {
  if (typeof content === 'string') {
    meter.text(content)
    meter.endPrefix()
    return { userText: content, toolResult: false }
  }
  if (!Array.isArray(content)) throw invalid(`${at}: Input should be a string or an array`)
  let userText = ''
  let toolResult = false
  for (const block of content) {
    if (!isFields(block)) throw invalid(`${at}: Input should be an object`)
    if (block['type'] === 'image') meter.image()
    else if (typeof block['text'] === 'string') {
      meter.text(block['text'])
      userText += block['text']
    } else {
      if (block['type'] === 'tool_result') toolResult = true
      meter.json(unmarked(block))
    }
    meter.endPrefix(markOf(block))
  }
  return { userText, toolResult }
}

/** `output_config.format` (or the older `output_format`) with a JSON schema. */
function jsonFor(body: Fields): string | undefined {
  const config = isFields(body['output_config']) ? body['output_config'] : {}
  const format = config['format'] ?? body['output_format']
  return isFields(format) && format['type'] === 'json_schema'
    ? JSON.stringify(fromSchema(format['schema']))
    : undefined
}

function invalid(message: string): ApiError {
  return new ApiError('invalid-request', message)
}
