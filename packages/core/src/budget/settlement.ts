import type { Call, Spent } from '../call/call.ts'
import type { Events } from '../call/events.ts'
import type { End, Failure } from '../call/outcome.ts'
import type { Usage } from '../call/usage.ts'
import { isKnown } from '../call/usage.ts'
import { costUsd } from '../tokens/price.ts'
import type { Admission } from './admission.ts'
import type { Estimate } from './charges.ts'
import type { Followed } from './follow.ts'
import type { HeldReservation } from './reservation.ts'
import type { Target } from './target.ts'

/** A token of output is rarely shorter in UTF-8: a floor for what a broken stream delivered. */
const BYTES_PER_TOKEN = 3

type Settled = Pick<Call<unknown>, 'id' | 'attributes' | 'counted' | 'inputTokens' | 'state'>

/** What one attempt comes to: for its reservation, for its call's record, and for estimates to come. */
export class Settlement {
  readonly #call: Settled
  readonly #target: Target
  readonly #estimate: Estimate
  readonly #options: { readonly admission: Admission; readonly events: Events }

  constructor(
    call: Settled,
    target: Target,
    estimate: Estimate,
    options: { readonly admission: Admission; readonly events: Events },
  ) {
    this.#call = call
    this.#target = target
    this.#estimate = estimate
    this.#options = options
  }

  /** The answer is over, `failure` where it broke. */
  ended(
    reservation: HeldReservation,
    { how, usage, finish, error, bytes }: Followed,
    failure: Failure | undefined,
    now: number,
  ): End {
    const target = this.#target
    const exact = isKnown(usage)
    if (failure !== undefined) this.#tell(failure)
    this.#options.admission.judge(reservation, how === 'finished' ? 'answered' : failure)
    const settled = exact ? usage : this.#atLeast(bytes)
    const cost = this.#spent(settled).costUsd
    reservation.settle(settled, exact ? 'exact' : 'at-least', now)
    if (exact) {
      const { task } = this.#call.attributes
      if (!this.#call.counted) target.input.learn(this.#call.inputTokens(), usage.inputTokens ?? 0)
      if (usage.outputTokens !== undefined) target.outputOf(task).learn(usage.outputTokens)
    }
    return {
      how,
      usage: settled,
      exact,
      ...(cost === undefined ? {} : { costUsd: cost }),
      ...(finish === undefined ? {} : { finish }),
      ...(error === undefined ? {} : { error }),
      ...(failure === undefined ? {} : { failure }),
    }
  }

  /**
   * It came to no answer. An error that the provider answered with is final. What came of a connection that broke nobody
   * knows, nor of an answer that began well and could not be read to its end: the provider has worked for it.
   */
  failed(reservation: HeldReservation, failure: Failure): void {
    this.#tell(failure)
    this.#options.admission.judge(reservation, failure)
    const refused = failure.status !== undefined && failure.status >= 400
    const answered = refused || failure.neverSent === true || failure.class === 'rate-limit'
    if (answered) reservation.fail(failure)
    else this.unknown(reservation)
  }

  /** Nobody knows whether it was done, and what it cost; nor of one whose lease ran out, which is settled already. */
  unknown(reservation: HeldReservation, isAbandoned = false): void {
    if (!reservation.open && !isAbandoned) return
    const usage = this.#atLeast(0)
    reservation.settle(usage, 'at-least')
    this.#call.state.lost.push(this.#spent(usage))
  }

  #tell({ class: kind, status }: Failure): void {
    const { admission, events } = this.#options
    const { id, state } = this.#call
    state.failures[kind] = (state.failures[kind] ?? 0) + 1
    if (!events.heard) return
    const of = { at: admission.now(), callId: id, target: this.#target.id }
    events.emit({ type: 'attempt.failed', class: kind, ...(status === undefined ? {} : { status }), ...of })
  }

  /** It is over, and this is what it used. */
  #spent(usage: Usage): Spent {
    const { state } = this.#call
    const { priced } = this.#target
    state.priceId = priced?.id
    return { usage, costUsd: priced && costUsd(priced.price, usage) }
  }

  /** Nobody knows what a broken answer cost: no less than was reserved, and no less than what was delivered. */
  #atLeast(bytes: number): Usage {
    const { inputTokens, maxOutputTokens, outputTokens } = this.#estimate
    const { counted, inputTokens: own } = this.#call
    return {
      inputTokens: Math.ceil(
        counted ? inputTokens : Math.max(inputTokens, own() * this.#target.input.most()),
      ),
      outputTokens: Math.ceil(Math.max(maxOutputTokens ?? outputTokens, bytes / BYTES_PER_TOKEN)),
    }
  }
}
