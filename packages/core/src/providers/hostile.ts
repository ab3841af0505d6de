/**
 * Reading what others threw: a getter may throw, a proxy may be revoked, a name may be no string.
 * Nothing here throws.
 */
export function read(value: unknown, key: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    return (value as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}

export function readText(value: unknown, key: string): string | undefined {
  const text = read(value, key)
  return typeof text === 'string' && text !== '' ? text : undefined
}

export function readObject(value: unknown, key: string): object | undefined {
  const inner = read(value, key)
  return (typeof inner === 'object' || typeof inner === 'function') && inner !== null ? inner : undefined
}

const MAX_HEADERS = 256

/** A `Headers` or a plain record as a plain record with lower-case names. */
export function headerRecord(headers: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  // Without a prototype, so that a header named `__proto__` is one like any other.
  const record: Record<string, string> = Object.create(null) as Record<string, string>
  let count = 0
  try {
    const entries: Iterable<unknown> =
      typeof read(headers, 'entries') === 'function'
        ? (headers as { entries(): Iterable<unknown> }).entries()
        : Object.entries(headers)
    for (const entry of entries) {
      if (count++ >= MAX_HEADERS) break
      const [name, value] = entry as [unknown, unknown]
      if (typeof name !== 'string') continue
      if (typeof value === 'string') record[name.toLowerCase()] = value
      else if (typeof value === 'number') record[name.toLowerCase()] = String(value)
      else if (Array.isArray(value)) record[name.toLowerCase()] = value.join(', ')
    }
  } catch {
    // What was read before it broke still counts.
  }
  return count === 0 ? undefined : record
}
