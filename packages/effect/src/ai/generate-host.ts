import type { AttemptInfo, Host } from '@plimsoll/core'
import { Schema } from 'effect'
import { LanguageModel, Response } from 'effect/ai'
import { answerInfo, finishOf, kept, NO_USAGE } from './answer.ts'
import { thrownFacts, plainHeaders } from './classify.ts'
import { jsonSchema, requestSide } from './request.ts'
import type { ModelRequest } from './request.ts'

type Content = Response.Part<Record<string, never>>[]
export type Answer = LanguageModel.GenerateTextResponse<Record<string, never>>

export type Send<T> = (request: ModelRequest, signal: AbortSignal, info: AttemptInfo) => Promise<T>

const CONTENT = Schema.toCodecJson(Schema.mutable(Schema.Array(Response.Part())))

/** How the core sees `generateText`, and with a schema `generateObject`. */
export function generateHost(schema: Schema.Top | undefined, send: Send<Answer>): Host<Answer, ModelRequest> {
  return {
    kind: 'generate',
    ...requestSide,
    async open(request, signal, info) {
      const value = await send(request, signal, info)
      const headers = finishOf(value.content)?.response?.headers
      return headers === undefined ? { value } : { value, headers: plainHeaders(headers) }
    },
    parts: ({ content }) => ({ kind: 'whole', info: answerInfo(content) }),
    encode: ({ content }) => Schema.encodeSync(CONTENT)(content.map(kept) as never),
    decode: (data) => answerOf(Schema.decodeUnknownSync(CONTENT)(data) as Content, schema),
    object: (_request, { content }) =>
      schema === undefined ? undefined : { schema: jsonSchema(schema), text: textOf(content) },
    message(text, object) {
      const said = object === undefined ? text : JSON.stringify(object)
      return answerOf(
        [
          Response.makePart('text', { text: said }),
          Response.makePart('finish', { reason: 'stop', usage: NO_USAGE, response: undefined }),
        ] as Content,
        schema,
      )
    },
    // Its parts are not to be changed by whoever has them; the list is one's own.
    copy: ({ content }) => answerOf([...content], schema),
    errorFacts: thrownFacts,
  }
}

function answerOf(content: Content, schema: Schema.Top | undefined): Answer {
  if (schema === undefined) return new LanguageModel.GenerateTextResponse(content)
  const codec = Schema.fromJsonString(schema) as unknown as Schema.Codec<unknown, string>
  const value = Schema.decodeUnknownSync(codec)(textOf(content))
  return new LanguageModel.GenerateObjectResponse(value, content)
}

function textOf(content: Content): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
