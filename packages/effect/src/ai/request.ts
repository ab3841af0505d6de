import type { Host, Segment } from '@plimsoll/core'
import { Effect, Schema } from 'effect'
import { Prompt, Tool } from 'effect/ai'
import type { Toolkit } from 'effect/ai'

/** What a model is asked, its prompt parsed and its toolkit resolved. */
export interface ModelRequest {
  readonly prompt: Prompt.Prompt
  readonly toolkit?: Toolkit.WithHandler<Record<string, Tool.Any>> | undefined
  readonly toolChoice?: unknown
  readonly schema?: Schema.Top | undefined
  readonly objectName?: string | undefined
}

/** What a method of a model is given, in as far as it matters here. */
export interface ModelOptions {
  readonly prompt: Prompt.RawInput
  readonly toolkit?: unknown
  readonly schema?: Schema.Top
}

/** Resolved once, so that every attempt has the same tools. */
export function requestOf(options: ModelOptions): Effect.Effect<ModelRequest> {
  const { toolkit } = options
  const resolved = Effect.isEffect(toolkit) ? toolkit : Effect.succeed(toolkit)
  // What the toolkit needs is in the types of the method that it was given to.
  return Effect.map(resolved as Effect.Effect<unknown>, (tools): ModelRequest => {
    const request = { ...options, prompt: Prompt.make(options.prompt) }
    return (tools === undefined ? request : { ...request, toolkit: tools }) as ModelRequest
  })
}

type RequestSide = Pick<Host<unknown, ModelRequest>, 'segments' | 'withSegments' | 'withMark' | 'key'>

export const requestSide: RequestSide = {
  segments: (request) => placed(request).map(({ segment }) => segment),
  withSegments,
  // Each provider has options of its own for it, in packages that are not here.
  withMark: (request) => request,
  key: ({ prompt, toolkit, toolChoice, schema, objectName }) => ({
    prompt: Schema.encodeSync(Prompt.Prompt)(prompt),
    tools: toolsOf(toolkit),
    toolChoice,
    schema: schema && jsonSchema(schema),
    objectName,
  }),
}

interface Placed {
  readonly segment: Segment & { readonly [PLACE]: string }
}

/** Where in the prompt a segment stands. Under a symbol, so that `{ ...segment, text }` keeps it. */
const PLACE = Symbol('place')

/** Tools and schema as providers lay them out: before the messages. */
function placed({ prompt, toolkit, schema }: ModelRequest): Placed[] {
  const found: Placed[] = []
  const add = (place: string, segment: Segment): void =>
    void found.push({ segment: { ...segment, [PLACE]: place } })
  const tools = toolsOf(toolkit)
  if (tools.length > 0)
    add('tools', { role: 'system', kind: 'tools', text: JSON.stringify(tools), pinned: true })
  if (schema !== undefined) {
    add('schema', { role: 'system', kind: 'schema', text: JSON.stringify(jsonSchema(schema)), pinned: true })
  }
  const messages = prompt.content
  const last = messages.findLastIndex(({ role }) => role === 'user')
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system') {
      add(`${index}`, { role: 'system', kind: 'text', text: message.content, pinned: true })
      continue
    }
    for (const [at, part] of message.content.entries()) {
      const read = readPart(part)
      if (read !== undefined)
        add(`${index}.${at}`, { role: message.role, ...read, ...(index === last && { pinned: true }) })
    }
  }
  return found
}

type Part = Exclude<Prompt.Message['content'], string>[number]

const TOKENS_OF_A_FILE = 1_000

function readPart(part: Part): Omit<Segment, 'role'> | undefined {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { kind: 'text', text: part.text }
    case 'file':
      return { kind: 'file', text: '', tokens: TOKENS_OF_A_FILE }
    case 'tool-call':
      return { kind: 'tool-call', text: `${part.name} ${json(part.params)}`, pairing: part.id }
    case 'tool-result':
      return { kind: 'tool-result', text: json(part.result), pairing: part.id }
    default:
      return undefined
  }
}

/** Only these segments of it; what is no segment stays as it is. */
function withSegments(request: ModelRequest, segments: readonly Segment[]): ModelRequest {
  const kept = new Map(segments.map((segment) => [(segment as Placed['segment'])[PLACE], segment.text]))
  const messages = request.prompt.content.flatMap((message, index): Prompt.Message[] => {
    if (message.role === 'system') {
      const text = kept.get(`${index}`)
      return text === undefined ? [] : [{ ...message, content: text }]
    }
    const content = message.content.flatMap((part: Part, at): Part[] => {
      const before = readPart(part)
      if (before === undefined) return [part]
      const text = kept.get(`${index}.${at}`)
      return text === undefined ? [] : changed(part, before.text, text)
    })
    // The parts of a message stay those of its role.
    return content.length === 0 && message.content.length > 0
      ? []
      : [{ ...message, content } as Prompt.Message]
  })
  return { ...request, prompt: Prompt.fromMessages(messages) }
}

function changed(part: Part, before: string, after: string): Part[] {
  if (before === after) return [part]
  if (part.type === 'text') return [{ ...part, text: after }]
  if (part.type === 'tool-result') return [{ ...part, result: after }]
  // Providers sign reasoning: what is left of it would be turned away.
  return part.type === 'reasoning' ? [] : [part]
}

function toolsOf(toolkit: ModelRequest['toolkit']): readonly unknown[] {
  return Object.values(toolkit?.tools ?? {}).map((tool) => ({
    name: tool.name,
    description: Tool.getDescription(tool as never),
    parameters: orNothing(() => Tool.getJsonSchema(tool)),
  }))
}

export function jsonSchema(schema: Schema.Top): unknown {
  return orNothing(() => Tool.getJsonSchemaFromSchema(schema))
}

/** A schema that JSON has no words for is for the model itself to turn down, in its own. */
function orNothing(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return {}
  }
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? ''
}
