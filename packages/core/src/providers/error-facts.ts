import type { ErrorFacts } from '../call/host.ts'
import { googleDetails } from './google-details.ts'
import { headerRecord, read, readObject, readText } from './hostile.ts'

/** Wrappers deeper than this are cut off: a cause may be its own cause. */
const MAX_NODES = 16
const LONGEST_BODY = 65_536
const LONGEST_MESSAGE = 2_000

/** Node's, undici's and Bun's names for a connection that failed, among all the other codes that errors carry. */
const CONNECTION =
  /^(?:ECONN|ENOTFOUND|EAI_|EPIPE|EPROTO|E(?:HOST|NET)(?:UNREACH|DOWN)|E(?:SOCKET)?TIMEDOUT|EADDRNOTAVAIL|UND_ERR_(?:SOCKET|CLOSED|DESTROYED|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT)|ERR_(?:SSL|TLS)_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|Connection(?:Refused|Closed|Reset)|FailedToOpenSocket)/
/** How Node itself calls a failure of the system that it has no name for. */
const UNNAMED = 'UNKNOWN'

const ABORTS = new Set(['AbortError', 'ResponseAborted', 'APIUserAbortError'])
const TIMEOUTS = new Set(['TimeoutError', 'APIConnectionTimeoutError'])

type Found = { -readonly [K in keyof ErrorFacts]: ErrorFacts[K] | undefined }

/**
 * What an error says about the HTTP exchange behind it, whichever toolkit threw it: the AI SDK's APICallError,
 * GatewayError and RetryError, the SDKs of OpenAI, Anthropic and AWS, `fetch` and Node, an error event of a stream.
 * Read by shape alone, through wrappers, the outermost word of each kind first. Never throws.
 */
export function errorFacts(error: unknown): ErrorFacts {
  const found: Found = {}
  const seen = new Set<object>()
  const messages: Partial<Record<'body' | 'http' | 'first', string | undefined>> = {}
  let bodyHeaders: ErrorFacts['headers']

  function visit(value: unknown): void {
    if (typeof value === 'string') messages.first ??= value
    if (typeof value !== 'object' || value === null || seen.has(value) || seen.size >= MAX_NODES) return
    seen.add(value)
    const name = readText(value, 'name')
    const cause = read(value, 'cause')
    // These stand for what they wrap. A gateway gives every failure a status of its own.
    visit(read(value, 'lastError'))
    if (name?.startsWith('Gateway') === true) visit(cause)
    visitName(value, name)
    visitCode(value)
    visitHttp(value)
    messages.first ??= readText(value, 'message')
    if (isFailedConnection(value, name, cause)) found.systemCode ??= connectionCode(cause)
    visit(cause)
  }

  function visitName(value: object, name: string | undefined): void {
    // OpenAI's and Anthropic's SDKs tell their errors apart by class, not by name.
    const className = readText(readObject(value, 'constructor'), 'name')
    if (ABORTS.has(name ?? '') || ABORTS.has(className ?? '')) found.aborted = true
    if (TIMEOUTS.has(name ?? '') || TIMEOUTS.has(className ?? '')) found.timeout = true
    if (className === 'APIConnectionError' && read(value, 'cause') === undefined) found.systemCode ??= UNNAMED
  }

  function visitCode(value: object): void {
    const code = readText(value, 'code')
    if (code !== undefined && CONNECTION.test(code)) found.systemCode ??= code
  }

  function visitHttp(value: object): void {
    const metadata = readObject(value, '$metadata')
    const response = readObject(value, 'response') ?? readObject(value, '$response')
    const status =
      asStatus(read(value, 'statusCode')) ??
      asStatus(read(value, 'status')) ??
      asStatus(read(response, 'status')) ??
      asStatus(read(metadata, 'httpStatusCode'))
    if (status !== undefined) messages.http ??= readText(value, 'message')
    found.status ??= status
    const headers = headerRecord(
      read(value, 'responseHeaders') ?? read(value, 'headers') ?? read(response, 'headers'),
    )
    if (headers !== undefined) found.headers ??= headers
    visitBody(value)
    const raw = parseBody(read(value, 'responseBody'))
    // Google's SDK has nothing but the body for a message.
    const written = status === undefined ? undefined : parseBody(read(value, 'message'))
    const body = read(value, 'data') ?? read(value, 'error') ?? raw ?? written
    if (typeof body === 'string') messages.body ??= body
    else if (typeof body === 'object' && body !== null) visitBody(unwrap(body), true)
    // What a toolkit has parsed may hold no more than it knows of.
    if (raw !== undefined) visitDetails(unwrap(raw))
    // AWS puts the type into the name.
    if (metadata !== undefined) found.type ??= readText(value, 'name')
  }

  /** `code`, `type` and `message`, or Google's `status`, as they stand in an error's body. */
  function visitBody(body: object, isBody = false): void {
    const code = read(body, 'code')
    if (typeof code === 'string' && !CONNECTION.test(code)) found.code ??= code.slice(0, 128)
    else if (isBody) found.status ??= asStatus(code)
    const type = readText(body, 'type') ?? readText(body, 'status')
    if (type !== undefined && type !== 'error') found.type ??= type.slice(0, 128)
    if (isBody) messages.body ??= readText(body, 'message')
    visitDetails(body)
  }

  /** What Google says beside it, and OpenRouter, who has headers there. */
  function visitDetails(body: object): void {
    const { retryDelay, quotaIds } = googleDetails(read(body, 'details') ?? read(body, 'errorDetails'))
    found.retryDelay ??= retryDelay
    if (quotaIds.length > 0) found.quotaIds ??= quotaIds
    bodyHeaders ??= headerRecord(read(read(body, 'metadata'), 'headers'))
  }

  visit(error)
  // An abort whose cause is a timer's was the timer's.
  if (found.timeout === true) found.aborted = undefined
  // What the response itself says counts before what its body repeats of another.
  if (bodyHeaders !== undefined) found.headers = { ...bodyHeaders, ...found.headers }
  found.message = (messages.body ?? messages.http ?? messages.first)?.slice(0, LONGEST_MESSAGE)
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** `fetch` that could not connect, itself or as the AI SDK rewords it. */
function isFailedConnection(value: object, name: string | undefined, cause: unknown): boolean {
  if (cause === undefined || cause === null) return false
  const message = readText(value, 'message') ?? ''
  if (name === 'AI_APICallError') return message.startsWith('Cannot connect to API')
  return name === 'TypeError' && message === 'fetch failed' && readText(cause, 'code') !== undefined
}

function connectionCode(cause: unknown): string {
  return readText(cause, 'code') ?? readText(read(cause, 'cause'), 'code') ?? UNNAMED
}

/** A body's error, out of its envelopes: `{ type: 'error', error: { type, message } }`. */
function unwrap(body: object): object {
  let current = body
  for (let depth = 0; depth < 4; depth++) {
    const inner = readObject(current, 'error')
    if (inner === undefined) break
    current = inner
  }
  return current
}

function parseBody(text: unknown): object | undefined {
  if (typeof text !== 'string' || text.length > LONGEST_BODY) return undefined
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : undefined
  } catch {
    return undefined
  }
}

function asStatus(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599
    ? value
    : undefined
}
