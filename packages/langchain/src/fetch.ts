import type { Plimsoll } from '@plimsoll/core'
import { currentOpening } from './opening.ts'

type Fetch = typeof globalThis.fetch

/**
 * A `fetch` that shows Plimsoll the headers of answers, which LangChain's models keep to themselves:
 *
 * ```ts
 * new ChatOpenAI({ model: 'gpt-5-mini', configuration: { fetch: createPlimsollFetch(plimsoll) } })
 * new ChatAnthropic({ model: 'claude-haiku-4-5', clientOptions: { fetch: createPlimsollFetch(plimsoll) } })
 * ```
 * So that limits are learnt, and what is left of them known, from answers that succeed too. It changes nothing, and no
 * failure of its own fails a request.
 *
 * @param fetch what sends the requests. @defaultValue the global one
 */
export function createPlimsollFetch(plimsoll: Plimsoll, fetch: Fetch = globalThis.fetch): Fetch {
  return async (input, init) => {
    const seen = seenOf(input, init)
    // Asked before it is sent: whatever is in flight by then may not be counted in the answer's headers.
    const observed = seen && plimsoll.observe(seen.target)
    const opening = currentOpening()
    const response = await fetch(input, init)
    const headers = Object.fromEntries(response.headers)
    // Connections are shared by calls that wait for each other: the context says whose request it is only while that call
    // is being opened, and of its own model.
    if (opening?.over === false && opening.model === seen?.model) opening.headers = headers
    else if (response.ok) observed?.(headers)
    return response
  }
}

interface Seen {
  readonly target: string
  readonly model: string
}

/** The ways of the two houses whose clients take a `fetch`, and so of those who speak as they do. */
const PROVIDERS: readonly (readonly [RegExp, string])[] = [
  [/\/v1\/messages$/, 'anthropic'],
  [/\/openai\/deployments\/|\.openai\.azure\.com/, 'azure'],
  [/\/(?:chat\/completions|responses|embeddings)$/, 'openai'],
]

/** Which model a request is for, as LangChain names its target. */
function seenOf(input: Parameters<Fetch>[0], init: Parameters<Fetch>[1]): Seen | undefined {
  const url = new URL(input instanceof Request ? input.url : input)
  const provider = PROVIDERS.find(([way]) => way.test(`${url.host}${url.pathname}`))?.[1]
  if (provider === undefined || typeof init?.body !== 'string') return undefined
  const model = modelIn(init.body)
  return model === undefined ? undefined : { target: `${provider}/${model}`, model }
}

function modelIn(body: string): string | undefined {
  try {
    const { model } = JSON.parse(body) as { model?: unknown }
    return typeof model === 'string' && model !== '' ? model : undefined
  } catch {
    return undefined
  }
}
