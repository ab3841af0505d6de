const TAG = '$plimsoll'

type Fields = Readonly<Record<string, unknown>>

/**
 * JSON-safe data that `fromPlain` brings back as it was: dates, bytes, URLs and bigints included.
 *
 * @throws {TypeError} for what would come back as something else, or could not be told from something else (a function, a
 * Map, an object of a class, NaN)
 */
export function toPlain(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      throw unkeepable(String(value))
    case 'bigint':
      return { [TAG]: 'bigint', value: String(value) }
    case 'object':
      return value === null ? null : objectToPlain(value)
    default:
      throw unkeepable(`what is ${typeof value}`)
  }
}

function objectToPlain(value: object): unknown {
  if (Array.isArray(value)) return value.map(toPlain)
  if (value instanceof Date) return { [TAG]: 'date', value: value.toISOString() }
  if (value instanceof URL) return { [TAG]: 'url', value: value.href }
  if (value instanceof Uint8Array) {
    const kind = Buffer.isBuffer(value) ? 'buffer' : 'bytes'
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    return { [TAG]: kind, value: bytes.toString('base64') }
  }
  if (!isFields(value)) throw unkeepable('an object of a class')
  // What is undefined is left out, as JSON does.
  const fields = mapped(value, (field) => (field === undefined ? undefined : toPlain(field)))
  return Object.hasOwn(value, TAG) ? { [TAG]: 'fields', value: fields } : fields
}

/** What `toPlain` was given. New throughout: whoever gets it may change it. */
export function fromPlain(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(fromPlain)
  if (!isFields(data)) return data
  const { [TAG]: tag, value } = data
  if (tag === 'fields' && isFields(value)) return mapped(value, fromPlain)
  if (typeof tag !== 'string' || typeof value !== 'string') return mapped(data, fromPlain)
  if (tag === 'date') return new Date(value)
  if (tag === 'url') return new URL(value)
  if (tag === 'bigint') return BigInt(value)
  const bytes = Buffer.from(value, 'base64')
  return tag === 'buffer' ? bytes : new Uint8Array(bytes)
}

function mapped(fields: Fields, change: (field: unknown) => unknown): Fields {
  const entries: [string, unknown][] = []
  for (const [name, field] of Object.entries(fields)) {
    const changed = change(field)
    if (changed !== undefined) entries.push([name, changed])
  }
  return Object.fromEntries(entries)
}

function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function unkeepable(what: string): TypeError {
  return new TypeError(`Plain data cannot hold ${what}.`)
}
