import type { Dialect } from './dialect.ts'
import { openAiError } from './openai-errors.ts'
import { openAiLimitHeaders } from './openai-headers.ts'
import { ended, outputItem } from './responses-object.ts'
import { parseResponses } from './responses-parse.ts'
import { streamResponses } from './responses-stream.ts'

/** `POST /v1/responses`. */
export const responses: Dialect = {
  requestIdHeader: 'x-request-id',
  parse: parseResponses,
  limitHeaders: openAiLimitHeaders,
  error: openAiError,
  complete: (reply) => ended(reply, outputItem(reply, reply.answer.slice(0, reply.answer.tokens))),
  stream: streamResponses,
}
