import type { Host } from '@plimsoll/core'
import { errorFacts } from '@plimsoll/core'
import { streamedObject } from './asked-object.ts'
import { deepCopy, fromJson, toJson } from './plain.ts'
import { languageRequest } from './language-request.ts'
import { NO_USAGE } from './no-usage.ts'
import { partInfo } from './parts.ts'
import { openedWith } from './response.ts'
import type { Send } from './response.ts'
import { iterate, iteratorOf, mapStream, streamOf } from './stream.ts'
import type { LanguageRequest, StreamPart, StreamResult } from './versions.ts'

/** How the core sees `doStream`. */
export function streamHost(send: Send<LanguageRequest, StreamResult>): Host<StreamResult, LanguageRequest> {
  return {
    kind: 'stream',
    ...languageRequest,
    open: async (params, signal) => openedWith(await send(params, signal)),
    parts: (result) => ({
      kind: 'stream',
      source: iteratorOf(result.stream),
      info: (part) => partInfo(part as StreamPart),
      copy: deepCopy,
      value: (source) => ({ ...result, stream: streamOf(source as AsyncIterator<StreamPart>) }),
    }),
    encode: (_result, parts) => toJson({ parts }),
    decode: (data) => ({ stream: streamOf(iterate((fromJson(data) as { parts: StreamPart[] }).parts)) }),
    object: (request, _result, parts) => streamedObject(request, parts as StreamPart[]),
    message: (text, object) => ({
      stream: streamOf(iterate(messageParts(object === undefined ? text : JSON.stringify(object)))),
    }),
    copy,
    errorFacts,
  }
}

function messageParts(text: string): StreamPart[] {
  const id = 'plimsoll'
  return [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id },
    { type: 'text-delta', id, delta: text },
    { type: 'text-end', id },
    { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage: NO_USAGE },
  ]
}

/** A stream can be read once: the one that is copied reads one branch from now on, its copy the other. */
function copy(result: StreamResult): StreamResult {
  const [kept, given] = result.stream.tee()
  result.stream = kept
  const { stream: _, ...rest } = result
  return { ...deepCopy(rest), stream: mapStream(given, deepCopy) }
}
