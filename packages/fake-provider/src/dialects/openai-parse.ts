import { type Fields, isFields } from '../checks.ts'
import { createPromptMeter } from '../prompt/prompt.ts'
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

export function parseOpenAi(body: Fields, model: string): ChatRequest {
  const { messages, tools, response_format: format } = body
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalid("Invalid 'messages': expected a non-empty array of messages.", 'messages')
  }
  if (body['n'] !== undefined && body['n'] !== 1) throw invalid("Invalid 'n': only 1 is supported here.", 'n')
  const meter = createPromptMeter(model)
  const hasTools = measureTools(meter, tools)
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
    endMessage(meter)
  }
  if (format !== undefined) meter.json(format)
  const prompt = meter.finish({ userText, toolResult: role === 'tool' || role === 'function' })
  const options = isFields(body['stream_options']) ? body['stream_options'] : {}
  return {
    prompt,
    caching: openAiCaching(prompt),
    stream: body['stream'] === true,
    includeUsage: options['include_usage'] === true,
    maxTokens: readLimit(body, 'max_completion_tokens', 1) ?? readLimit(body, 'max_tokens', 1),
    hasTools,
    forcedTool: forcedTool(body),
    json: jsonFor(format, isFields(format) ? format['json_schema'] : undefined),
    serviceTier: serviceTier(body),
    echo: {},
  }
}
