import type { SharedV4ProviderOptions } from '@ai-sdk/provider'
import { placeOf } from './place.ts'
import { placeIn, segmentsOf, TOOLS } from './segments.ts'
import type { LanguageRequest, Message } from './versions.ts'

type Tool = NonNullable<LanguageRequest['tools']>[number]

/**
 * The request with prompt-cache breakpoints behind these segments. Anthropic asks for them; others find out alone. One that
 * has breakpoints already is left as it is: whoever set them knows the prompt, and there may be no more than four.
 */
export function withMark(params: LanguageRequest, indexes: readonly number[]): LanguageRequest {
  if (hasMarks(params)) return params
  const segments = segmentsOf(params)
  const places = new Set(
    indexes.flatMap((index) => {
      const segment = segments[index]
      return segment === undefined ? [] : [placeOf(segment)]
    }),
  )
  const prompt = params.prompt.map((message, index): Message => {
    if (message.role === 'system') return places.has(placeIn(index)) ? marked(message) : message
    const content = message.content.map((part, partIndex) =>
      places.has(placeIn(index, partIndex)) ? marked(part) : part,
    )
    return { ...message, content } as Message
  })
  const tools = places.has(TOOLS) ? { tools: withLastMarked(params.tools ?? []) } : {}
  return { ...params, prompt, ...tools }
}

/** A breakpoint covers all that is before it: the last tool stands for all. */
function withLastMarked(tools: readonly Tool[]): Tool[] {
  const last = tools.findLastIndex(({ type }) => type === 'function')
  return tools.map((tool, index) => (tool.type === 'function' && index === last ? marked(tool) : tool))
}

function hasMarks({ prompt, tools = [], providerOptions }: LanguageRequest): boolean {
  const parts = prompt.flatMap((message) => [
    message,
    ...(message.role === 'system' ? [] : (message.content as readonly Markable[])),
  ])
  return [{ providerOptions }, ...parts, ...(tools as readonly Markable[])].some((one) => {
    const anthropic = one.providerOptions?.['anthropic']
    return anthropic?.['cacheControl'] !== undefined || anthropic?.['cache_control'] !== undefined
  })
}

interface Markable {
  readonly providerOptions?: SharedV4ProviderOptions | undefined
}

function marked<T extends { providerOptions?: SharedV4ProviderOptions }>(part: T): T {
  const { providerOptions } = part
  const anthropic = { ...providerOptions?.['anthropic'], cacheControl: { type: 'ephemeral' } }
  return { ...part, providerOptions: { ...providerOptions, anthropic } }
}
