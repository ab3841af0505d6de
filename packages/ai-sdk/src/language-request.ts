import type { Host } from '@plimsoll/core'
import { withMark } from './mark.ts'
import { toPlain } from './plain.ts'
import { segmentsOf } from './segments.ts'
import type { LanguageRequest } from './versions.ts'
import { withSegments } from './with-segments.ts'

type RequestSide = Pick<Host<unknown, LanguageRequest>, 'segments' | 'withSegments' | 'withMark' | 'key'>

/** What does not depend on whether the answer is streamed. */
export const languageRequest: RequestSide = {
  segments: segmentsOf,
  withSegments,
  withMark,
  key({ abortSignal: _signal, headers: _headers, providerOptions, ...params }) {
    const { plimsoll: _, ...options } = providerOptions ?? {}
    return toPlain({ ...params, providerOptions: options })
  },
}
