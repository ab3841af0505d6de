import type { ChatResult } from '@langchain/core/outputs'
import type { Host } from '@plimsoll/core'
import { errorFacts } from '@plimsoll/core'
import { objectOf } from './asked-object.ts'
import { chatRequest } from './chat-request.ts'
import { readMessage } from './message.ts'
import { messageOf } from './message-reply.ts'
import { opened } from './opening.ts'
import { resultInfo } from './parts.ts'
import { copyResult, decodeResult, encodeResult } from './plain.ts'
import { modelOf } from './request.ts'
import type { ChatRequest } from './request.ts'
import type { Send } from './send.ts'

/** How the core sees `_generate`. */
export function generateHost(
  { params }: ChatRequest,
  send: Send<Promise<ChatResult>>,
): Host<ChatResult, ChatRequest> {
  return {
    kind: 'generate',
    ...chatRequest,
    open: (asked, signal, attempt) =>
      opened({ target: attempt.target, model: modelOf(asked.params) }, () => send(asked, signal, attempt)),
    parts: (value) => ({ kind: 'whole', info: resultInfo(value) }),
    encode: encodeResult,
    decode: decodeResult,
    object: (asked, { generations: [first] }) =>
      first === undefined ? undefined : objectOf(asked.params, readMessage(first.message)),
    message(text, object) {
      const message = messageOf(params, text, object)
      return { generations: [{ message, text: message.text, generationInfo: { finish_reason: 'stop' } }] }
    },
    copy: copyResult,
    errorFacts,
  }
}
