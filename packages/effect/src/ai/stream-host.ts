import type { AttemptInfo, Host, Opened } from '@plimsoll/core'
import { Schema } from 'effect'
import { Response } from 'effect/ai'
import { flowOf } from '../governed-stream.ts'
import type { Flow } from '../governed-stream.ts'
import { kept, NO_USAGE, partInfo } from './answer.ts'
import { thrownFacts } from './classify.ts'
import { requestSide } from './request.ts'
import type { ModelRequest } from './request.ts'

export type StreamPart = Response.StreamPart<Record<string, never>>

const PARTS = Schema.toCodecJson(Schema.mutable(Schema.Array(Response.StreamPart())))
const ID = 'plimsoll'

/** How the core sees `streamText`. */
export function streamHost(
  open: (request: ModelRequest, signal: AbortSignal, info: AttemptInfo) => Promise<Opened<Flow<StreamPart>>>,
): Host<Flow<StreamPart>, ModelRequest> {
  return {
    kind: 'stream',
    ...requestSide,
    open,
    parts: ({ source }) => ({
      kind: 'stream',
      source,
      info: (part) => partInfo(part as StreamPart),
      value: (iterator) => ({ source: iterator as AsyncIterator<StreamPart> }),
    }),
    encode: (_value, parts) => Schema.encodeSync(PARTS)((parts as StreamPart[]).map(kept) as never),
    decode: (data) => flowOf(Schema.decodeUnknownSync(PARTS)(data) as unknown as StreamPart[]),
    message: (text, object) =>
      flowOf(messageParts(object === undefined ? text : JSON.stringify(object)) as StreamPart[]),
    copy: (value) => value,
    errorFacts: thrownFacts,
  }
}

function messageParts(text: string): Response.AnyPart[] {
  return [
    Response.makePart('text-start', { id: ID }),
    Response.makePart('text-delta', { id: ID, delta: text }),
    Response.makePart('text-end', { id: ID }),
    Response.makePart('finish', { reason: 'stop', usage: NO_USAGE, response: undefined }),
  ]
}
