/**
 * Plain data of a request: bytes as base64, the rest of what is not JSON as text. What JSON would leave out
 * (undefined, functions) is left out.
 */
export function toPlain(value: unknown): unknown {
  return walk(value, (leaf) => {
    if (leaf instanceof Uint8Array) return base64(leaf)
    if (leaf instanceof Date) return leaf.toISOString()
    if (leaf instanceof Error) return { name: leaf.name, message: leaf.message }
    return String(leaf)
  })
}

const TAG = '$plimsoll'

/** JSON-safe data that `fromJson` brings back, dates, bytes and URLs included. */
export function toJson(value: unknown): unknown {
  return walk(
    value,
    (leaf) => {
      if (leaf instanceof Uint8Array) return { [TAG]: 'bytes', value: base64(leaf) }
      if (leaf instanceof Date) return { [TAG]: 'date', value: leaf.toISOString() }
      if (leaf instanceof URL) return { [TAG]: 'url', value: leaf.href }
      return toPlain(leaf)
    },
    (fields) => (Object.hasOwn(fields, TAG) ? { [TAG]: 'fields', value: fields } : fields),
  )
}

export function fromJson(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(fromJson)
  if (!isFields(data)) return data
  const { [TAG]: tag, value } = data
  if (tag === 'bytes') return new Uint8Array(Buffer.from(String(value), 'base64'))
  if (tag === 'date') return new Date(String(value))
  if (tag === 'url') return new URL(String(value))
  const fields = tag === 'fields' && isFields(value) ? value : data
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fromJson(field)]))
}

/** A copy that shares nothing that can be changed; `structuredClone` has no URLs. */
export function deepCopy<T>(value: T): T {
  const copied = walk(value, (leaf) => {
    if (leaf instanceof URL) return new URL(leaf)
    if (leaf instanceof Uint8Array || leaf instanceof Date) return structuredClone(leaf)
    return leaf
  })
  return copied as T
}

export type Fields = Readonly<Record<string, unknown>>

/** Copies arrays and plain objects; `leafOf` says what becomes of all other objects. */
function walk(
  value: unknown,
  leafOf: (leaf: object) => unknown,
  fieldsOf: (fields: Fields) => unknown = (fields) => fields,
): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((entry: unknown) => walk(entry, leafOf, fieldsOf) ?? null)
  if (!isFields(value)) return leafOf(value)
  const entries = Object.entries(value).flatMap(([name, field]) => {
    const walked = walk(field, leafOf, fieldsOf)
    return walked === undefined ? [] : [[name, walked] as const]
  })
  return fieldsOf(Object.fromEntries(entries))
}

export function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
