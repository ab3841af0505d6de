import { PlimsollError } from '../call/errors.ts'
import type { Events } from '../call/events.ts'
import { CLASS_RULES } from '../call/failure-classes.ts'
import type { Gate, Gated, Pass } from '../call/gate.ts'
import type { Failure } from '../call/outcome.ts'
import { Breaker, LONGEST } from './breaker.ts'
import type { BreakerOptions } from './breaker.ts'
import { lru } from '../structures/lru.ts'

/** Only those that have failed are kept; among more than so many the one that was needed least lately is forgotten. */
const MOST = 10_000
/** Whatever a provider asks for, it is tried once an hour: it may have been a mistake. */
const LONGEST_HINT_MS = 3_600_000
/** While a probe is out nobody knows for how long: about as long as an answer takes. */
const PROBE_MS = 1_000

export interface BreakersOptions {
  readonly events: Events
  readonly now: () => number
  readonly random: () => number
  readonly options: () => BreakerOptions
  /** Nobody may wait any longer for what has just been closed off. */
  readonly onOpened: () => void
}

type Of = 'target' | 'credential'

/** A circuit breaker for each target, and one for each credential, as the one gate that the queue knows. */
export class Breakers implements Gate {
  readonly #options: BreakersOptions
  readonly #troubled = lru<Breaker>(MOST)

  constructor(options: BreakersOptions) {
    this.#options = options
  }

  /** Until when nothing is sent to it; `-Infinity` where it may be called. */
  openUntil({ id, credential }: Gated): number {
    return Math.max(
      this.#find('target', id)?.openUntil ?? Number.NEGATIVE_INFINITY,
      this.#find('credential', credential)?.openUntil ?? Number.NEGATIVE_INFINITY,
    )
  }

  refusal(target: Gated, insideProbe: boolean): PlimsollError | undefined {
    if (this.#troubled.size === 0) return undefined
    const now = this.#options.now()
    return (
      refusalBy('target', target.id, this.#find('target', target.id), { now, insideProbe }) ??
      refusalBy('credential', target.credential, this.#find('credential', target.credential), {
        now,
        insideProbe,
      })
    )
  }

  enter({ id, credential }: Gated): Pass {
    if (this.#troubled.size === 0) return CALM
    const ofTarget = this.#find('target', id)
    const ofCredential = this.#find('credential', credential)
    if (ofTarget === undefined && ofCredential === undefined) return CALM
    const now = this.#options.now()
    const probesTarget = ofTarget?.enter(now) === true
    const probesCredential = ofCredential?.enter(now) === true
    return {
      probe: probesTarget || probesCredential,
      targetEra: ofTarget?.era ?? 0,
      credentialEra: ofCredential?.era ?? 0,
    }
  }

  leave({ id, credential }: Gated, pass: Pass, how: 'answered' | Failure | undefined): void {
    const failed = how === undefined || how === 'answered' ? undefined : whatFailed(how)
    if (failed === undefined && this.#troubled.size === 0) return
    if (how === 'answered') {
      this.#succeeded('target', id, pass.targetEra)
      this.#succeeded('credential', credential, pass.credentialEra)
      return
    }
    if (failed === 'target') this.#failed(failed, id, { era: pass.targetEra, failure: how! })
    else this.#find('target', id)?.left(pass.targetEra)
    if (failed === 'credential') this.#failed(failed, credential, { era: pass.credentialEra, failure: how! })
    else this.#find('credential', credential)?.left(pass.credentialEra)
  }

  #find(of: Of, name: string): Breaker | undefined {
    return this.#troubled.get(`${of}:${name}`)
  }

  #succeeded(of: Of, name: string, era: number): void {
    const breaker = this.#find(of, name)
    if (breaker === undefined) return
    const { events, now } = this.#options
    if (breaker.succeeded(era)) events.emit({ type: 'breaker.closed', at: now(), of, name })
    else if (breaker.isCalm) this.#troubled.delete(`${of}:${name}`)
  }

  #failed(of: Of, name: string, { era, failure }: { era: number; failure: Failure }): void {
    const { events, random, options, onOpened } = this.#options
    const now = this.#options.now()
    const key = `${of}:${name}`
    const breaker = this.#troubled.get(key) ?? new Breaker()
    this.#troubled.set(key, breaker)
    const { failures, openMs } = options()
    const counts = CLASS_RULES[failure.class].breaker === 'counts'
    const wanted = failure.retryAfterMs ?? (failure.class === 'quota-exhausted' ? openMs * LONGEST : 0)
    const leastMs = Math.min(LONGEST_HINT_MS, wanted)
    const opened = breaker.failed(
      era,
      { failures: counts ? failures : 1, openMs },
      { now, random: random(), leastMs },
    )
    if (!opened) return
    const forMs = breaker.openUntil - now
    events.emit({ type: 'breaker.opened', at: now, of, name, class: failure.class, forMs })
    onOpened()
  }
}

const CALM: Pass = { probe: false, targetEra: 0, credentialEra: 0 }

/** What a failure speaks against, if anything. */
function whatFailed({ class: kind, status }: Failure): Of | undefined {
  switch (CLASS_RULES[kind].breaker) {
    case 'counts':
    case 'opens-target':
      return 'target'
    case 'opens-credential':
      // Forbidden is about what was asked for: the same key may call other models.
      return status === 403 && kind === 'auth' ? 'target' : 'credential'
    case 'no':
      return undefined
  }
}

function refusalBy(
  of: Of,
  name: string,
  breaker: Breaker | undefined,
  { now, insideProbe }: { now: number; insideProbe: boolean },
): PlimsollError | undefined {
  if (breaker === undefined) return undefined
  const state = breaker.state(now)
  if (state === 'closed') return undefined
  if (state === 'half-open' && (insideProbe || !breaker.isProbing)) return undefined
  const retryAfterMs = state === 'open' ? Math.ceil(breaker.openUntil - now) : PROBE_MS
  const whose = of === 'target' ? name : `The credential '${name}'`
  const message =
    state === 'open'
      ? `${whose} has failed: it is not called for another ${retryAfterMs} ms.`
      : `${whose} has failed, and one call is trying whether it is back.`
  return new PlimsollError({ code: 'circuit-open', message, retryAfterMs })
}
