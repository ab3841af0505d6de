import type { Dialect, Reply, StreamFormat, Usage } from './dialect.ts'
import { openAiError } from './openai-errors.ts'
import { openAiLimitHeaders } from './openai-headers.ts'
import { parseOpenAi } from './openai-parse.ts'

/** `POST /v1/chat/completions`. */
export const openAi: Dialect = {
  requestIdHeader: 'x-request-id',
  parse: parseOpenAi,
  limitHeaders: openAiLimitHeaders,
  error: openAiError,
  complete(reply) {
    const { answer, usage } = reply
    const text = answer.slice(0, answer.tokens)
    return {
      ...frame(reply, 'chat.completion'),
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: answer.tool ? null : text,
            refusal: null,
            ...(answer.tool && { tool_calls: [toolCall(reply, text)] }),
          },
          logprobs: null,
          finish_reason: finishReason(reply),
        },
      ],
      ...(usage && { usage: writeUsage(usage) }),
    }
  },
  stream,
}

function stream(reply: Reply): StreamFormat {
  const { answer, usage, includeUsage } = reply
  const withUsage = usage !== undefined && includeUsage
  const fields = { ...frame(reply, 'chat.completion.chunk') }
  const nullUsage = withUsage ? ',"usage":null' : ''
  // Everything but the delta is the same in every chunk: written once.
  const start = `data: ${JSON.stringify(fields).slice(0, -1)},"choices":[{"index":0,"delta":`
  const chunk = (delta: string, finish: string): string =>
    `${start}${delta},"logprobs":null,"finish_reason":${finish}}]${nullUsage}}\n\n`
  return {
    keepAlive: () => ': keep-alive\n\n',
    open: () =>
      answer.tool
        ? chunk(
            JSON.stringify({ role: 'assistant', content: null, tool_calls: [firstToolDelta(reply)] }),
            'null',
          )
        : chunk('{"role":"assistant","content":"","refusal":null}', 'null'),
    piece: (text) =>
      answer.tool
        ? chunk(JSON.stringify({ tool_calls: [{ index: 0, function: { arguments: text } }] }), 'null')
        : chunk(`{"content":${JSON.stringify(text)}}`, 'null'),
    close() {
      const last = withUsage ? { ...fields, choices: [], usage: writeUsage(usage) } : undefined
      const tail = last ? `data: ${JSON.stringify(last)}\n\n` : ''
      return `${chunk('{}', JSON.stringify(finishReason(reply)))}${tail}data: [DONE]\n\n`
    },
    error() {
      const message = 'The server had an error while processing your request. Sorry about that!'
      const error = { message, type: 'server_error', param: null, code: 'server_error' }
      return `event: error\ndata: ${JSON.stringify({ error })}\n\n`
    },
  }
}

function frame(reply: Reply, object: string): Record<string, unknown> {
  const { requestId, model, createdMs, serviceTier } = reply
  const created = Math.floor(createdMs / 1000)
  const id = `chatcmpl-${requestId}`
  return { id, object, created, model, service_tier: serviceTier, system_fingerprint: 'fp_fake' }
}

function finishReason({ answer }: Reply): string {
  if (answer.cut) return 'length'
  return answer.tool ? 'tool_calls' : 'stop'
}

function toolCall({ requestId, answer }: Reply, text: string): unknown {
  return { id: `call_${requestId}`, type: 'function', function: { name: answer.tool?.name, arguments: text } }
}

function firstToolDelta(reply: Reply): unknown {
  return { index: 0, ...(toolCall(reply, '') as object) }
}

function writeUsage({ prompt, cached, completion }: Usage): unknown {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}
