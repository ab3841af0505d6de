import type { ErrorFacts } from '../call/host.ts'
import type { FailureClass } from '../call/outcome.ts'
import { periodAt } from '../time/calendar.ts'
import type { FindRule } from './error-rules.ts'
import type { HeaderFacts, Observation, ProviderFailure, Unit } from './profile.ts'
import type { ErrorRule } from './provider-profile.ts'
import { classOfMessage, classOfWords, hintOfMessage, unitsOfMessage, windowOfMessage } from './signals.ts'
import { parseGoDuration } from './times.ts'

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
 * Names a failure by what the error and the headers told: by the provider's own rules, else by what is common to all.
 *
 * An error that says neither a status, nor a word that providers use, nor that the connection failed is taken for a
 * mistake in code (`invalid-request`): trying it again would only repeat it.
 */
export function classify(
  facts: ErrorFacts,
  told: HeaderFacts,
  { now, ruleOf }: { now: number; ruleOf: FindRule },
): ProviderFailure {
  const message = facts.message?.slice(0, LONGEST_MESSAGE) ?? ''
  // Before any word is read: a user's abort whose message speaks of a timeout is still the user's abort.
  const rule = facts.aborted === true ? undefined : ruleOf(facts, message)
  const kind = rule?.class ?? classOf(facts, message, told)
  const retryAfterMs = waitOf({ facts, message, told, rule, now })
  const limits =
    kind === 'rate-limit' || kind === 'too-large' ? limitsMet({ facts, message, told, rule }) : {}
  const neverSent = kind === 'network' && NEVER_SENT.has(facts.systemCode ?? '')
  return {
    class: kind,
    ...(facts.status !== undefined && { status: facts.status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...limits,
    ...(neverSent && { neverSent }),
  }
}

interface Told {
  readonly facts: ErrorFacts
  readonly message: string
  readonly told: HeaderFacts
  readonly rule: ErrorRule | undefined
}

function waitOf({ facts, message, told, rule, now }: Told & { now: number }): number | undefined {
  const asked =
    told.retryAfterMs ?? parseGoDuration(facts.retryDelay) ?? parseGoDuration(hintOfMessage(message))
  if (rule?.until === undefined) return asked
  return Math.max(periodAt(now, rule.until).end - now, asked ?? 0)
}

/** Which limits were met, as far as the provider said so. */
function limitsMet({ facts, message, told, rule }: Told): Partial<ProviderFailure> {
  if (rule?.ramp === true) return { ramp: true }
  const empty = told.observations.filter(({ remaining }) => remaining === 0)
  const named = rule?.exhausted ?? namedUnits(facts, message)
  const exhausted = named.length > 0 ? named : empty.map(({ unit }) => unit)
  const windowMs = rule?.perMs ?? windowOfMessage(message) ?? windowOf(empty, exhausted)
  return {
    ...(exhausted.length > 0 && { exhausted }),
    ...(windowMs !== undefined && { windowMs }),
  }
}

/** The window of the headers that say that nothing is left of these units, where they agree and it is known. */
function windowOf(empty: readonly Observation[], exhausted: readonly Unit[]): number | undefined {
  const meant = empty.filter(({ unit }) => exhausted.includes(unit))
  const [first] = meant
  return meant.every(({ perMs, assumed }) => perMs === first?.perMs && assumed !== true)
    ? first?.perMs
    : undefined
}

function namedUnits(facts: ErrorFacts, message: string): readonly Unit[] {
  const named = unitsOfMessage(message)
  if (named.length > 0) return named
  // OpenAI names the exhausted limit in `error.type`.
  return facts.type === 'tokens' || facts.type === 'requests' ? [facts.type] : []
}

function classOf(facts: ErrorFacts, message: string, told: HeaderFacts): FailureClass {
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
