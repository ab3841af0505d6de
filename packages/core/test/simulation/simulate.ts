import type { HeldReservation } from '../../src/budget/reservation.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { core } from '../support/core.ts'
import { counter } from './provider.ts'
import type { Counting } from './provider.ts'
import type { Request } from './traffic.ts'

export interface SimulationOptions {
  traffic: readonly Request[]
  algorithm: Counting
  /** What is limited; by default total tokens. */
  unit?: 'requests' | 'tokens'
  /** How many windows of work the traffic is. */
  windows: number
  /** How many times faster than the limit the traffic arrives. */
  overload?: number
  perMs?: number
  priority?: 'high' | 'medium' | 'low'
  /** The part of the limit that somebody else uses, whom only headers and rate limits tell of. */
  foreign?: number
  /**
   * Whether headers tell what was left when the provider admitted a call, read with its first byte, or so much later: over a
   * busy event loop. By default they do only where somebody else uses the limit, and tell of the moment of the answer.
   */
  headersLateMs?: number
  seed?: number
  /** The provider's fixed windows begin here, which its headers tell. */
  phase?: number
}

export interface SimulationResult {
  calls: number
  admitted: number
  rateLimited: number
  /** Last admission over the lower bound. */
  ratio: number
  unsettled: number
}

/**
 * Replays traffic in virtual time against a provider that counts exactly. A request takes 20 to 200 ms to get there, its
 * first byte a lognormal time around 300 ms more, and then 100 tokens a second. `max_tokens` is the answer's length
 * rounded up to a power of two, at least 64; the provider charges prompt and `max_tokens`, and keeps it.
 */
export function simulate(options: SimulationOptions): SimulationResult {
  const {
    algorithm,
    unit = 'tokens',
    windows,
    overload = 4,
    perMs = 60_000,
    seed = 1,
    phase = 0,
    priority = 'medium',
    foreign = 0,
    headersLateMs,
  } = options
  const faster = (windows * perMs) / options.traffic.at(-1)!.atMs / overload
  const traffic = options.traffic.map((request) => ({ ...request, atMs: request.atMs * faster }))
  const clock = virtualClock()
  const random = seededRandom(seed)
  const charged = (request: Request) => (unit === 'requests' ? 1 : request.input + most(request))
  const work = traffic.reduce((sum, request) => sum + charged(request), 0)
  const largest = traffic.reduce((max, request) => Math.max(max, charged(request)), 0)
  const amount = Math.max(Math.ceil(work / windows), largest)
  const provider = counter(algorithm, amount, perMs, phase)
  const { admission, asking, target } = core({
    clock,
    targets: { 'openai/model': { limits: [{ unit, amount, perMs, algorithm }] } },
  })
  const model = target('openai/model')
  const begin = traffic[0]!.atMs
  const result = { calls: traffic.length, admitted: 0, rateLimited: 0, ratio: 0, unsettled: 0 }
  let lastAdmission = begin

  if (algorithm === 'fixed-window') tellPhase()

  for (const request of traffic) clock.timer(request.atMs, () => call(request))
  if (foreign > 0) takeForeign()
  clock.runAllSync(50_000_000)
  result.unsettled = admission.open + admission.waiting
  result.ratio = (lastAdmission - begin) / (lowerBound() - begin)
  return result

  /** Whatever arrives from some moment on must be admitted after it: the latest of all such bounds holds. */
  function lowerBound(): number {
    let total = 0
    let latest = begin
    for (const request of traffic.toReversed()) {
      total += charged(request)
      latest = Math.max(latest, provider.earliest(request.atMs, total))
    }
    return latest
  }

  function call(request: Request): void {
    const waiter = admission.reserve(asking(model, { input: request.input, output: most(request), priority }))
    waiter.onChange(() => send(request, waiter.reservation as HeldReservation))
  }

  function send(request: Request, reservation: HeldReservation): void {
    const sentAt = clock.now()
    clock.timer(20 + 180 * random(), () => {
      const now = clock.now()
      const taken = provider.take(now, charged(request))
      if (taken) lastAdmission = now
      else result.rateLimited++
      if (!taken && foreign > 0) return turnedBack(request, reservation, sentAt)
      const left = provider.left(now)
      const firstByteMs = 300 * Math.exp(0.4 * (random() + random() + random() - 1.5) * 2)
      clock.timer(firstByteMs, () => {
        result.admitted++
        reservation.acknowledge()
        if (headersLateMs !== undefined) clock.timer(headersLateMs, () => tellLeft(sentAt, left))
        else if (foreign > 0) tellLeft(sentAt, provider.left(clock.now()))
        clock.timer(request.output * 10, () => {
          reservation.settle({ inputTokens: request.input, outputTokens: request.output }, 'exact')
        })
      })
    })
  }

  /** Everyone behind it is paused until there is room for it, and it comes again. */
  function turnedBack(request: Request, reservation: HeldReservation, sentAt: number): void {
    const failure = { class: 'rate-limit' as const, status: 429, retryAfterMs: perMs / 60 }
    admission.feedback.rateLimited(model, failure, sentAt)
    reservation.fail(failure)
    call(request)
  }

  /** What the headers of an answer say was left. */
  function tellLeft(sentAt: number, left: number): void {
    const now = clock.now()
    const { bucket } = model.limits.lines[0]!
    const remaining = Math.max(0, left)
    const op = { type: 'observe', bucket, remaining, resetMs: undefined, ageMs: now - sentAt } as const
    admission.store.send(op, now, () => {})
    model.pool.changed(now)
  }

  /** Somebody else, who takes a part of the limit all along. */
  function takeForeign(): void {
    if (admission.open + admission.waiting === 0 && clock.now() > begin + perMs) return
    provider.take(clock.now(), (foreign * amount) / 240)
    clock.timer(perMs / 240, takeForeign)
  }

  /** What a header says of where the window ends, read a moment later. */
  function tellPhase(): void {
    const resetMs = perMs - ((((clock.now() - phase) % perMs) + perMs) % perMs)
    const { bucket } = model.limits.lines[0]!
    admission.store.send(
      { type: 'observe', bucket, remaining: amount, resetMs, ageMs: 0 },
      clock.now(),
      () => {},
    )
  }
}

function most({ output }: Request): number {
  return Math.max(64, 2 ** Math.ceil(Math.log2(output)))
}
