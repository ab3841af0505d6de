import { ChatGenerationChunk } from '@langchain/core/outputs'
import { readMessage } from './message.ts'
import { messageChunkOf } from './message-reply.ts'
import { chunkInfo } from './parts.ts'
import { copyChunk, decodeChunk, encodeChunk } from './plain.ts'
import type { Streaming } from './stream-host.ts'

/** What there is to know of `_streamResponseChunks`. */
export const chunks: Streaming<ChatGenerationChunk> = {
  info: chunkInfo,
  usage: 'adds',
  copy: copyChunk,
  encode: encodeChunk,
  decode: decodeChunk,
  read(parts) {
    const [first, ...rest] = parts.map(({ message }) => message)
    if (first === undefined) return { text: '', toolCalls: [] }
    return readMessage(rest.reduce((sum, message) => sum.concat(message), first))
  },
  message({ params }, text, object) {
    const message = messageChunkOf(params, text, object)
    return [new ChatGenerationChunk({ message, text: message.text })]
  },
}
