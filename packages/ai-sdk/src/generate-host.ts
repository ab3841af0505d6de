import type { Host } from '@plimsoll/core'
import { errorFacts } from '@plimsoll/core'
import { objectOf } from './asked-object.ts'
import { deepCopy, fromJson, toJson } from './plain.ts'
import { languageRequest } from './language-request.ts'
import { NO_USAGE } from './no-usage.ts'
import { resultInfo } from './parts.ts'
import { openedWith, storedResponse } from './response.ts'
import type { Send } from './response.ts'
import type { GenerateResult, LanguageRequest } from './versions.ts'

/** How the core sees `doGenerate`. */
export function generateHost(
  send: Send<LanguageRequest, GenerateResult>,
): Host<GenerateResult, LanguageRequest> {
  return {
    kind: 'generate',
    ...languageRequest,
    open: async (params, signal) => openedWith(await send(params, signal)),
    parts: (value) => ({ kind: 'whole', info: resultInfo(value) }),
    encode: ({ request: _request, response, ...value }) => toJson({ ...value, ...storedResponse(response) }),
    decode: (data) => fromJson(data) as GenerateResult,
    object: objectOf,
    message: (text, object) => ({
      content: [{ type: 'text', text: object === undefined ? text : JSON.stringify(object) }],
      finishReason: { unified: 'stop', raw: undefined },
      usage: NO_USAGE,
      warnings: [],
    }),
    copy: deepCopy,
    errorFacts,
  }
}
