import { Effect, Layer, Schema, Stream } from 'effect'
import { AiError, LanguageModel, Model, Prompt, Response, Tool } from 'effect/ai'
import { Sse } from 'effect/encoding'
import { FetchHttpClient, HttpClient, HttpClientRequest } from 'effect/http'
import type { HttpClientResponse } from 'effect/http'

/** Where a provider is, and how it is to be asked. */
export interface Served {
  readonly url: string
  readonly apiKey?: string
  readonly model?: string
  readonly provider?: string
}

/** A small `LanguageModel` over OpenAI's chat completions. */
export function httpModel({ url, apiKey = 'right', model = 'm', provider = 'openai' }: Served) {
  const layer = Layer.effect(
    LanguageModel.LanguageModel,
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const post = (options: LanguageModel.ProviderOptions, stream: boolean) =>
        HttpClientRequest.post(`${url}/v1/chat/completions`).pipe(
          HttpClientRequest.bearerToken(apiKey),
          HttpClientRequest.bodyJsonUnsafe(bodyOf(options, model, stream)),
          client.execute,
          Effect.mapError(lost),
          Effect.flatMap(accepted),
        )
      return yield* LanguageModel.make({
        generateText: (options) =>
          Effect.gen(function* () {
            const response = yield* post(options, false)
            const text = yield* Effect.mapError(response.text, lost)
            return wholeParts(yield* parsed(text), response)
          }),
        streamText: (options) =>
          Stream.unwrap(
            Effect.map(post(options, true), (response) =>
              response.stream.pipe(
                Stream.mapError(lost),
                Stream.decodeText(),
                Stream.pipeThroughChannel(Sse.decode()),
                Stream.takeWhile(({ data }) => data !== '[DONE]'),
                Stream.mapEffect(({ data }) => parsed(data)),
                Stream.mapAccum(
                  newParts,
                  (state, chunk) => [state, chunkParts(state, chunk, response)] as const,
                ),
                Stream.mapError((error) => (AiError.isAiError(error) ? error : unread(String(error)))),
              ),
            ),
          ),
      })
    }),
  )
  return Model.make(provider, model, Layer.provide(layer, FetchHttpClient.layer))
}

function bodyOf(options: LanguageModel.ProviderOptions, model: string, stream: boolean): unknown {
  const { prompt, tools, responseFormat } = options
  return {
    model,
    messages: prompt.content.flatMap(messageOf),
    ...(tools.length > 0 && {
      tools: tools.map((tool) => ({
        type: 'function',
        function: { name: tool.name, parameters: Tool.getJsonSchema(tool) },
      })),
    }),
    ...(responseFormat.type === 'json' && {
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: responseFormat.objectName,
          schema: Tool.getJsonSchemaFromSchema(responseFormat.schema),
        },
      },
    }),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  }
}

function messageOf(message: Prompt.Message): unknown[] {
  if (message.role === 'system') return [{ role: 'system', content: message.content }]
  const text = message.content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return [{ role: message.role, content: text }]
}

const lost = (error: unknown): AiError.AiError =>
  failed(
    new AiError.NetworkError({
      reason: 'TransportError',
      method: 'POST',
      url: '/v1/chat/completions',
      cause: error,
    }),
  )

const unread = (description: string): AiError.AiError =>
  failed(new AiError.InvalidResponseError({ description }))

function failed(reason: AiError.AiErrorReason): AiError.AiError {
  return AiError.make({ module: 'HttpModel', method: 'execute', reason })
}

const accepted = (response: HttpClientResponse.HttpClientResponse) =>
  response.status < 400
    ? Effect.succeed(response)
    : Effect.flatMap(Effect.mapError(response.text, lost), (body) =>
        Effect.fail(
          failed(
            AiError.reasonFromHttpStatus({
              status: response.status,
              http: { response: detailsOf(response), body },
            }),
          ),
        ),
      )

function detailsOf({ status, headers }: HttpClientResponse.HttpClientResponse) {
  return { status, headers: { ...headers } }
}

// oxlint-disable-next-line no-explicit-any -- the bodies are the fake's, and this is a test's client
type Json = any

const parsed = (text: string): Effect.Effect<Json, AiError.AiError> =>
  Effect.mapError(Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Unknown))(text), ({ message }) =>
    unread(message),
  )

function finish(
  reason: string,
  usage: Json,
  response: HttpClientResponse.HttpClientResponse,
): Response.FinishPartEncoded {
  return {
    type: 'finish',
    reason: reason === 'tool_calls' ? 'tool-calls' : 'stop',
    usage: {
      inputTokens: { total: usage?.prompt_tokens },
      outputTokens: { total: usage?.completion_tokens },
    },
    response: detailsOf(response),
  } as Response.FinishPartEncoded
}

function wholeParts(body: Json, response: HttpClientResponse.HttpClientResponse): Response.PartEncoded[] {
  const [{ message, finish_reason }] = body.choices
  return [
    ...(message.content ? [{ type: 'text', text: message.content } as const] : []),
    ...(message.tool_calls ?? []).map(callPart),
    finish(finish_reason, body.usage, response),
  ]
}

function callPart({ id, function: { name, arguments: params } }: Json): Response.ToolCallPartEncoded {
  return { type: 'tool-call', id, name, params: JSON.parse(params) } as Response.ToolCallPartEncoded
}

interface Parts {
  begun: boolean
  reason: string | undefined
  readonly calls: Json[]
}

const newParts = (): Parts => ({ begun: false, reason: undefined, calls: [] })

/** Text as it comes; tools when they are whole; the end once its usage is there. */
function chunkParts(
  state: Parts,
  chunk: Json,
  response: HttpClientResponse.HttpClientResponse,
): Response.StreamPartEncoded[] {
  if (chunk.error !== undefined) return [{ type: 'error', error: chunk.error }]
  const choice = chunk.choices?.[0]
  const parts: Response.StreamPartEncoded[] = []
  const delta = choice?.delta?.content
  if (delta) {
    if (!state.begun) parts.push({ type: 'text-start', id: '0' })
    state.begun = true
    parts.push({ type: 'text-delta', id: '0', delta })
  }
  for (const call of choice?.delta?.tool_calls ?? []) {
    const known = (state.calls[call.index] ??= { id: call.id, function: { name: '', arguments: '' } })
    known.function.name += call.function?.name ?? ''
    known.function.arguments += call.function?.arguments ?? ''
  }
  state.reason = choice?.finish_reason ?? state.reason
  if (chunk.usage && state.reason !== undefined) {
    if (state.begun) parts.push({ type: 'text-end', id: '0' })
    parts.push(...state.calls.map(callPart), finish(state.reason, chunk.usage, response))
  }
  return parts
}
