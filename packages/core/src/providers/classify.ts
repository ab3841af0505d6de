import type { ErrorFacts } from '../call/host.ts'
import type { Failure, FailureClass } from '../call/outcome.ts'
import { parseGoDuration } from './headers.ts'
import type { HeaderFacts, Unit } from './profile.ts'
import { classOfMessage, classOfWords, hintOfMessage, unitsOfMessage } from './signals.ts'

/** Failures to open a connection: no byte of the request can have left. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ConnectionRefused',
  'FailedToOpenSocket',
])

/** Connections that stood, over which nothing came in time. */
const SILENT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ESOCKETTIMEDOUT'])

const LONGEST_MESSAGE = 2_000

/**
 * Names a failure by what the error and the headers told.
 *
 * An error that says neither a status, nor a word that providers use, nor that the connection failed is taken for a
 * mistake in code (`invalid-request`): trying it again would only repeat it.
 */
export function classify(facts: ErrorFacts, told: HeaderFacts): Failure {
  const message = facts.message?.slice(0, LONGEST_MESSAGE) ?? ''
  const kind = classOf(facts, message, told)
  const retryAfterMs = told.retryAfterMs ?? parseGoDuration(hintOfMessage(message))
  const exhausted =
    kind === 'rate-limit' || kind === 'too-large' ? exhaustedUnits(facts, message, told) : undefined
  const neverSent = kind === 'network' && NEVER_SENT.has(facts.systemCode ?? '')
  return {
    class: kind,
    ...(facts.status !== undefined && { status: facts.status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(exhausted !== undefined && exhausted.length > 0 && { exhausted }),
    ...(neverSent && { neverSent }),
  }
}

function classOf(facts: ErrorFacts, message: string, told: HeaderFacts): FailureClass {
  // Before any word is read: a user's abort whose message speaks of a timeout is still the user's abort.
  if (facts.aborted === true) return 'aborted'
  const { status } = facts
  const word = classOfWords(facts.code, facts.type)
  // An error inside a stream comes after a 200, or with no status of its own.
  if (status !== undefined && status >= 400) {
    return classOfMessage(status, message) ?? ofStatus(status, word, told)
  }
  if (facts.timeout === true) return 'timeout'
  if (facts.systemCode !== undefined) return SILENT.has(facts.systemCode) ? 'timeout' : 'network'
  if (word !== undefined) return word
  // An answer that came and could not be read: a gateway's page, a body cut short.
  return status !== undefined && status >= 200 && status < 300 ? 'server' : 'invalid-request'
}

/** Classes that a provider's word names more truly than the status it came with. */
const OVER_STATUS: ReadonlySet<FailureClass | undefined> = new Set<FailureClass>([
  'quota-exhausted',
  'context-overflow',
  'content-filter',
])

function ofStatus(status: number, word: FailureClass | undefined, told: HeaderFacts): FailureClass {
  if (word !== undefined && OVER_STATUS.has(word)) return word
  switch (status) {
    case 401:
    case 403:
      return 'auth'
    case 402:
      return told.retryAfterMs === undefined ? 'quota-exhausted' : 'rate-limit'
    case 404:
    case 410:
      return 'not-found'
    case 408:
    case 409:
      return 'timeout'
    case 413:
      return 'too-large'
    case 424:
      return 'server'
    case 429:
      return word === 'overloaded' ? 'overloaded' : 'rate-limit'
    // Groq: its flexible tier has no capacity. Anthropic: overloaded.
    case 498:
    case 503:
    case 529:
      return 'overloaded'
    default:
      if (status >= 500) return word === 'overloaded' ? 'overloaded' : 'server'
      return word === 'auth' || word === 'not-found' ? word : 'invalid-request'
  }
}

function exhaustedUnits(facts: ErrorFacts, message: string, told: HeaderFacts): readonly Unit[] {
  const named = unitsOfMessage(message)
  if (named.length > 0) return named
  // OpenAI names the exhausted limit in `error.type`.
  if (facts.type === 'tokens' || facts.type === 'requests') return [facts.type]
  return told.observations.filter(({ remaining }) => remaining === 0).map(({ unit }) => unit)
}
