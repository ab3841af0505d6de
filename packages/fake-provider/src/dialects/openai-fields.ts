import { fromSchema } from '../answer/schema-json.ts'
import { type Fields, isFields } from '../checks.ts'
import { ApiError } from '../http/api-error.ts'
import type { Caching } from '../prompt/cache-use.ts'
import type { Prompt, PromptMeter } from '../prompt/prompt.ts'

/** What OpenAI's APIs have in common in their requests. */

export function invalid(message: string, param: string): ApiError {
  return new ApiError('invalid-request', message, { param })
}

/** Counts the tools; whether there are any. */
export function measureTools(meter: PromptMeter, tools: unknown): boolean {
  if (!Array.isArray(tools) || tools.length === 0) return false
  for (const tool of tools) meter.tool(tool)
  endMessage(meter)
  return true
}

/** Any message's end is one of a prefix that the cache may know. */
export function endMessage(meter: PromptMeter): void {
  meter.endMessage()
  meter.endPrefix()
}

export function openAiCaching({ prefixes }: Prompt): Caching {
  return { readable: prefixes, kept: prefixes, step: 128 }
}

/** Counts a content, a text or parts, and returns its text. */
export function measureContent(meter: PromptMeter, content: unknown, at: string): string {
  if (content === null || content === undefined) return ''
  if (typeof content === 'string') {
    meter.text(content)
    return content
  }
  if (!Array.isArray(content)) throw invalid(`Invalid type for '${at}': expected a string or an array.`, at)
  let text = ''
  for (const part of content) {
    if (!isFields(part)) throw invalid(`Invalid type for '${at}[]': expected an object.`, at)
    if (typeof part['text'] === 'string') {
      meter.text(part['text'])
      text += part['text']
    } else if (part['type'] === 'image_url' || part['type'] === 'input_image') meter.image()
    else meter.json(part)
  }
  return text
}

export function readLimit(body: Fields, field: string, least: number): number | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value
  throw invalid(
    `Invalid '${field}': integer below minimum value. Expected a value >= ${least}, but got ${String(value)} instead.`,
    field,
  )
}

/** The JSON that a format asks for. @param holder of the schema: the format itself, or a field of it */
export function jsonFor(format: unknown, holder: unknown): string | undefined {
  if (!isFields(format)) return undefined
  if (format['type'] === 'json_object') return '{"result":"text"}'
  if (format['type'] !== 'json_schema') return undefined
  return JSON.stringify(fromSchema(isFields(holder) ? holder['schema'] : undefined))
}

/** `auto`, or nothing, is served as `default`. */
export function serviceTier({ service_tier: asked }: Fields): string {
  return typeof asked === 'string' && asked !== 'auto' ? asked : 'default'
}
