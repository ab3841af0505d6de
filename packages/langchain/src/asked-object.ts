import type { AskedObject } from '@plimsoll/core'
import type { ReadMessage } from './message.ts'
import { isFields } from './request.ts'
import type { Fields } from './request.ts'

/** The tool that the model has no choice but to call: how `withStructuredOutput` asks for an object, for one. */
export interface ForcedTool {
  readonly name: string
  readonly schema: unknown
  /** Anthropic's calls are blocks of the content, and are looked for there. */
  readonly inContent: boolean
}

/** The JSON schema that the answer's text is to fit: OpenAI's two APIs, Anthropic, Google. */
export function textSchemaOf(params: Fields): { readonly schema: unknown } | undefined {
  const format =
    params['response_format'] ?? at(params, 'text', 'format') ?? at(params, 'output_config', 'format')
  if (isFields(format) && (format['type'] === 'json_schema' || format['type'] === 'json_object'))
    return { schema: at(format, 'json_schema', 'schema') ?? format['schema'] }
  const google = at(params, 'generationConfig', 'responseSchema') ?? params['responseSchema']
  return google === undefined ? undefined : { schema: google }
}

export function forcedToolOf({ tool_choice: choice, tools }: Fields): ForcedTool | undefined {
  const name = isFields(choice) ? (choice['name'] ?? at(choice, 'function', 'name')) : undefined
  if (typeof name !== 'string') return undefined
  const all: unknown[] = Array.isArray(tools) ? tools : []
  for (const tool of all) {
    if (!isFields(tool)) continue
    const described = isFields(tool['function']) ? tool['function'] : tool
    if (described['name'] === name)
      return {
        name,
        schema: described['input_schema'] ?? described['parameters'],
        inContent: 'input_schema' in described,
      }
  }
  return { name, schema: undefined, inContent: false }
}

/** What an answer says as an object, where one was asked for. One that calls other tools is none yet. */
export function objectOf(params: Fields, { text, toolCalls }: ReadMessage): AskedObject | undefined {
  const tool = forcedToolOf(params)
  const call = toolCalls.find(({ name }) => name === tool?.name)
  if (tool !== undefined && call !== undefined)
    return { schema: tool.schema, text: JSON.stringify(call.args) }
  const asked = textSchemaOf(params)
  return asked === undefined || toolCalls.length > 0 ? undefined : { schema: asked.schema, text }
}

function at(fields: Fields, outer: string, inner: string): unknown {
  const found = fields[outer]
  return isFields(found) ? found[inner] : undefined
}
