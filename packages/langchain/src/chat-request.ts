import type { Host } from '@plimsoll/core'
import { withMark } from './mark.ts'
import { toPlain } from './plain.ts'
import type { ChatRequest } from './request.ts'
import { segmentsOf } from './segments.ts'
import { withSegments } from './with-segments.ts'

type RequestSide = Pick<Host<unknown, ChatRequest>, 'segments' | 'withSegments' | 'withMark' | 'key'>

/** What does not depend on how the answer comes. */
export const chatRequest: RequestSide = {
  segments: segmentsOf,
  withSegments,
  withMark,
  key({ messages, options, params }) {
    // What is in the call and not in its parameters is how it is made: signals, headers, retries. Whether the answer is
    // streamed is known by its kind.
    const { stream: _, stream_options: __, ...asked } = params
    const said = messages.map((message) => ({
      type: message.getType(),
      ...(message.toDict().data as object),
      // Of answers that are part of the conversation: which one it was changes nothing.
      id: undefined,
      response_metadata: undefined,
      usage_metadata: undefined,
    }))
    return toPlain({ ...asked, messages: said, outputVersion: options['outputVersion'] })
  },
}
