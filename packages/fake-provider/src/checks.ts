/** Checks of options: each names the field, what was given, and what would be right. */

export type Fields = Record<string, unknown>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : Array.isArray(value) ? 'an array' : String(value)
}

export function checkObject(
  value: unknown,
  field: string,
  known: readonly string[],
): asserts value is Fields {
  if (!isFields(value)) throw new TypeError(`${field} must be an object, not ${show(value)}`)
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new TypeError(`${field}.${key} is not an option: take it out or use one of ${known.join(', ')}`)
    }
  }
}

interface Range {
  above?: number
  min?: number
  max?: number
  integer?: boolean
}

export function checkNumber(value: unknown, field: string, range: Range): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw new TypeError(`${field} must be a number, not ${show(value)}`)
  const wanted = describeRange(range)
  const inside =
    Number.isFinite(value) &&
    value >= (range.min ?? -Infinity) &&
    value <= (range.max ?? Infinity) &&
    value > (range.above ?? -Infinity) &&
    (!range.integer || Number.isInteger(value))
  if (!inside) throw new RangeError(`${field} must be ${wanted}, not ${value}`)
  return value
}

function describeRange(range: Range): string {
  const parts: string[] = []
  if (range.above !== undefined) parts.push(`above ${range.above}`)
  if (range.min !== undefined) parts.push(`at least ${range.min}`)
  if (range.max !== undefined) parts.push(`at most ${range.max}`)
  return [range.integer ? 'a whole number' : 'a finite number', ...parts].join(', ')
}

export function checkOneOf<T extends string>(
  value: unknown,
  field: string,
  choices: readonly T[],
): T | undefined {
  if (value === undefined) return undefined
  const choice = choices.find((candidate) => candidate === value)
  if (choice === undefined) {
    throw new RangeError(`${field} must be one of ${choices.join(', ')}, not ${show(value)}`)
  }
  return choice
}

export function checkBoolean(value: unknown, field: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  throw new TypeError(`${field} must be true or false, not ${show(value)}`)
}

export function checkString(value: unknown, field: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new TypeError(`${field} must be a string, not ${show(value)}`)
}
