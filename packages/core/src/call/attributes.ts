import { PlimsollError } from './errors.ts'

export type Priority = 'high' | 'medium' | 'low'

/** Who calls and what for. Set in code, innermost first: the call's own, `plimsoll.with`, the adapter's. */
export interface Attributes {
  /** Whom fairness and isolation are between. All calls without one share one line. */
  readonly tenant?: string
  readonly user?: string
  readonly feature?: string
  readonly task?: string
  readonly workflow?: string
  readonly run?: string
  readonly step?: string
  /** @defaultValue `'high'` for `mode: 'interactive'`, `'low'` for `'background'`, else `'medium'` */
  readonly priority?: Priority
  /** Whether somebody is looking at the screen, or nobody waits. */
  readonly mode?: 'interactive' | 'background'
  readonly risk?: 'low' | 'medium' | 'high'
  readonly plan?: string
  readonly promptVersion?: string
  readonly documentIds?: readonly string[]
  readonly toolVersions?: Readonly<Record<string, string>>
  readonly permissions?: readonly string[]
}

const MAX_LENGTH = 256
const MAX_ENTRIES = 256
// oxlint-disable-next-line no-control-regex -- control characters are just what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

/** Of a call of which nothing is said. */
export const NONE: Attributes = Object.freeze({})

type Check = (value: unknown, name: string) => unknown

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['tenant', text],
  ['user', text],
  ['feature', text],
  ['task', text],
  ['workflow', text],
  ['run', text],
  ['step', text],
  ['plan', text],
  ['promptVersion', text],
  ['priority', choice(['high', 'medium', 'low'])],
  ['mode', choice(['interactive', 'background'])],
  ['risk', choice(['low', 'medium', 'high'])],
  ['documentIds', list],
  ['permissions', list],
  ['toolVersions', toolVersions],
])

/**
 * Checks attributes before anything is keyed by them; the values are returned as they are, unknown keys dropped.
 *
 * @throws {PlimsollError} `invalid-call`, naming the attribute and the mend
 */
export function checkAttributes(input: Attributes): Attributes {
  if (input === NONE) return NONE
  const checked: Record<string, unknown> = {}
  // By what is there: of some fifteen names a call has two or three.
  for (const name in input) {
    const check = CHECKS.get(name)
    const value: unknown = input[name as keyof Attributes]
    if (check !== undefined && value !== undefined) checked[name] = check(value, name)
  }
  return checked as Attributes
}

/** Of an object that has other fields too those that are attributes, unchecked. */
export function attributesIn(options: Attributes): Attributes {
  const found: Record<string, unknown> = {}
  for (const name in options) if (CHECKS.has(name)) found[name] = options[name as keyof Attributes]
  return found as Attributes
}

function choice(allowed: readonly string[]): Check {
  return (value, name) => {
    if (!(allowed as readonly unknown[]).includes(value))
      throw invalid(name, `is ${show(value)}; use one of ${allowed.join(', ')}`)
    return value
  }
}

function list(value: unknown, name: string): readonly string[] {
  if (!Array.isArray(value)) throw invalid(name, `is ${show(value)}; use a list of strings`)
  if (value.length > MAX_ENTRIES)
    throw invalid(name, `has ${value.length} entries; use at most ${MAX_ENTRIES}`)
  return value.map((entry: unknown, index) => text(entry, `${name}[${index}]`))
}

function toolVersions(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('toolVersions', `is ${show(value)}; use an object from tool to version`)
  }
  const entries = Object.entries(value)
  if (entries.length > MAX_ENTRIES) {
    throw invalid('toolVersions', `has ${entries.length} entries; use at most ${MAX_ENTRIES}`)
  }
  // From entries, so that a tool named `__proto__` is a key like any other.
  return Object.fromEntries(
    entries.map(([tool, version]) => [text(tool, 'toolVersions'), text(version, `toolVersions.${tool}`)]),
  )
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '')
    throw invalid(name, `is ${show(value)}; use a non-empty string`)
  if (value.length > MAX_LENGTH) {
    throw invalid(name, `has ${value.length} characters; use at most ${MAX_LENGTH} (hash longer ids)`)
  }
  if (CONTROL.test(value)) throw invalid(name, 'has control characters; remove them')
  return value
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 32)}'`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function invalid(name: string, what: string): PlimsollError {
  return new PlimsollError({ code: 'invalid-call', message: `Attribute \`${name}\` ${what}.` })
}

/** What a client may say of a call through its application: it describes, and decides nothing. */
const FORWARDABLE = ['task', 'feature', 'step', 'promptVersion', 'documentIds', 'toolVersions'] as const

/** The forwardable attributes of `input` that are as they should be; the rest is left out without a word. */
export function untrusted(input: Attributes): Attributes {
  if (input === NONE) return NONE
  const kept: Record<string, unknown> = {}
  for (const name of FORWARDABLE) {
    try {
      if (Object.hasOwn(input, name)) Object.assign(kept, checkAttributes({ [name]: input[name] }))
    } catch {
      // Whoever sent it is not the one who could mend it.
    }
  }
  return kept as Attributes
}

/** The fields of `outer`, overridden by those that `inner` sets. */
export function mergeAttributes(outer: Attributes, inner: Attributes | undefined): Attributes {
  if (inner === undefined || inner === outer || inner === NONE) return outer
  if (outer === NONE) return inner
  const merged: Record<string, unknown> = { ...outer }
  for (const [name, value] of Object.entries(inner)) if (value !== undefined) merged[name] = value
  return merged as Attributes
}

/** @throws {PlimsollError} `invalid-call` for what is no count of tokens */
export function checkCount(field: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value >= 0)) return
  const message = `\`${field}\` is ${value}; use a finite number of tokens of at least 0, or leave it out.`
  throw new PlimsollError({ code: 'invalid-call', message })
}

export function priorityOf(attributes: Attributes): Priority {
  if (attributes.priority !== undefined) return attributes.priority
  if (attributes.mode === undefined) return 'medium'
  return attributes.mode === 'interactive' ? 'high' : 'low'
}
