import { isFields } from '../checks.ts'

/** How deep a schema is followed: recursive ones end in null there. */
const DEEPEST = 12

/**
 * The least JSON that fits a schema: required properties only, unless none is named; arrays of `minItems`; the
 * first of an enum. Knows objects, arrays, strings, numbers, booleans, null, enum, const, anyOf, oneOf, allOf's
 * first, and `$ref` into `$defs` or `definitions`.
 */
export function fromSchema(schema: unknown, root: unknown = schema, depth = 0): unknown {
  if (!isFields(schema) || depth > DEEPEST) return null
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0] ?? null
  if (typeof schema['$ref'] === 'string') return fromSchema(resolve(schema['$ref'], root), root, depth + 1)
  for (const name of ['anyOf', 'oneOf', 'allOf']) {
    const choices = schema[name]
    if (Array.isArray(choices) && choices.length > 0) return fromSchema(choices[0], root, depth + 1)
  }
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  switch (type) {
    case 'string':
      return ofLength(schema)
    case 'integer':
    case 'number':
      return atLeast(schema)
    case 'boolean':
      return true
    case 'array':
      return Array.from({ length: numberOr(schema['minItems'], 0) }, () =>
        fromSchema(schema['items'], root, depth + 1),
      )
    case 'null':
      return null
    default:
      return isFields(schema['properties']) || type === 'object' ? object(schema, root, depth) : null
  }
}

function object(schema: Record<string, unknown>, root: unknown, depth: number): Record<string, unknown> {
  const properties = isFields(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : Object.keys(properties)
  const result: Record<string, unknown> = {}
  for (const key of required) {
    if (typeof key === 'string') result[key] = fromSchema(properties[key], root, depth + 1)
  }
  return result
}

function ofLength(schema: Record<string, unknown>): string {
  const least = Math.min(numberOr(schema['minLength'], 0), 1000)
  const most = numberOr(schema['maxLength'], Infinity)
  return 'text'.repeat(Math.max(1, Math.ceil(least / 4))).slice(0, Math.max(least, Math.min(most, 4)))
}

function atLeast(schema: Record<string, unknown>): number {
  const least = numberOr(schema['minimum'], numberOr(schema['exclusiveMinimum'], 0) + 1)
  return Math.min(least, numberOr(schema['maximum'], least))
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

function resolve(reference: string, root: unknown): unknown {
  let found: unknown = root
  for (const step of reference.split('/').slice(1)) found = isFields(found) ? found[step] : undefined
  return found
}
