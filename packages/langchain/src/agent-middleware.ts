import type { Attributes, Plimsoll } from '@plimsoll/core'
import { createMiddleware } from 'langchain'
import type { AgentMiddleware } from 'langchain'
import { governing } from './with-plimsoll.ts'

/**
 * Governs the model of an agent, whatever it is by then: its calls wait for room, are settled by what they used, and are
 * refused in good time.
 *
 * ```ts
 * const agent = createAgent({ model: 'openai:gpt-5-mini', tools, middleware: [plimsollMiddleware(plimsoll)] })
 * ```
 * It changes the model and holds nothing while others go on: a middleware that calls models of its own cannot be locked out
 * by the call that it stands in.
 *
 * **Gotcha**: put it last. A middleware behind it that changes the model (`modelFallbackMiddleware`) changes it to one that
 * is not governed.
 *
 * @param attributes as for `withPlimsoll`
 * @throws {MiddlewareError} (the agent) around a `PlimsollLangChainError`: `PlimsollError.find(error)` finds it
 */
export function plimsollMiddleware(plimsoll: Plimsoll, attributes: Attributes = {}): AgentMiddleware {
  const govern = governing(plimsoll, attributes)
  return createMiddleware({
    name: 'PlimsollMiddleware',
    wrapModelCall: (request, handler) => handler({ ...request, model: govern(request.model) }),
  }) as AgentMiddleware
}
