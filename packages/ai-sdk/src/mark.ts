import type { SharedV4ProviderOptions } from '@ai-sdk/provider'
import { placeOf } from './place.ts'
import { placeIn, segmentsOf, TOOLS } from './segments.ts'
import type { LanguageRequest, Message } from './versions.ts'

type Tool = NonNullable<LanguageRequest['tools']>[number]

/**
 * The request with prompt-cache breakpoints behind these segments, in the words of those who ask for them: Anthropic, and
 * Bedrock, whose toolkit takes none on a tool (a breakpoint behind the instructions covers the tools there). One that has
 * breakpoints already is left as it is: whoever set them knows the prompt, and there may be no more than four.
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
  return [{ providerOptions }, ...parts, ...(tools as readonly Markable[])].some((one) =>
    MARKS.some(([provider, name]) => one.providerOptions?.[provider]?.[name] !== undefined),
  )
}

/** Every way in which a request may say it: Bedrock's options were renamed, and it still reads the older name. */
const MARKS = [
  ['anthropic', 'cacheControl'],
  ['anthropic', 'cache_control'],
  ['bedrock', 'cachePoint'],
  ['amazonBedrock', 'cachePoint'],
] as const

interface Markable {
  readonly providerOptions?: SharedV4ProviderOptions | undefined
}

/** Each reads its own options, and no other's. */
function marked<T extends { providerOptions?: SharedV4ProviderOptions }>(part: T): T {
  const { providerOptions } = part
  const anthropic = { ...providerOptions?.['anthropic'], cacheControl: { type: 'ephemeral' } }
  const bedrock = { ...providerOptions?.['bedrock'], cachePoint: { type: 'default' } }
  return { ...part, providerOptions: { ...providerOptions, anthropic, bedrock } }
}
