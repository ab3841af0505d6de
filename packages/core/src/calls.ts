import { inputLengths } from './accounting/input-parts.ts'
import type { CallOptions, HostCall } from './api.ts'
import type { Targets } from './budget/targets.ts'
import { attributesIn, NONE } from './call/attributes.ts'
import type { Attributes } from './call/attributes.ts'
import { newCallState } from './call/call.ts'
import type { Call, CallState } from './call/call.ts'
import type { Host, Segment } from './call/host.ts'
import { deadlineAfter } from './run.ts'
import type { Estimator } from './tokens/estimate.ts'

export interface CallsOptions {
  readonly now: () => number
  readonly newId: () => string
  readonly targets: Targets
  readonly estimator: Estimator
}

/** Calls as the policies have them, made of what callers and adapters say. */
export class Calls {
  readonly #options: CallsOptions

  constructor(options: CallsOptions) {
    this.#options = options
  }

  /** As an adapter describes it. */
  ofHost<T, Q>(asked: HostCall<T, Q>): Call<T> {
    return this.#made(asked, { now: this.#options.now(), deadline: Infinity, inputTokens: undefined })
  }

  /** As a caller of the core describes it. @throws {PlimsollError} `invalid-call` for a deadline that is none */
  ofCaller<T>(options: CallOptions, host: Host<T>, defaults: Attributes = NONE): Call<T> {
    const { target, input, inputTokens, maxOutputTokens, signal, deadlineMs } = options
    const now = this.#options.now()
    // The prompt is among its options, and is nobody's attribute.
    const attributes = attributesIn(options)
    const asked = { host, request: input, target, attributes, defaults, maxOutputTokens, signal }
    return this.#made(asked, { now, deadline: deadlineAfter(now, deadlineMs), inputTokens })
  }

  /** Tokens of a call's request as its target counts them, once; what its caller has counted stands. */
  counterOf<T>(call: Call<T>, target = call.target): () => number {
    const { host, request, state, counted, inputTokens } = call
    return counted ? inputTokens : this.#counter(target, () => host.segments(request), state)
  }

  #made<T, Q>(
    asked: HostCall<T, Q>,
    { now, deadline, inputTokens }: { now: number; deadline: number; inputTokens: number | undefined },
  ): Call<T> {
    const { host, request, targets: offered, maxOutputTokens, signal } = asked
    const { attributes = NONE, defaults = NONE, forwarded = NONE, target = '' } = asked
    const state = newCallState(now)
    const counted = inputTokens !== undefined
    return {
      id: this.#options.newId(),
      target,
      named: asked.target !== undefined,
      offered,
      request,
      host: host as Host<T>,
      attributes,
      defaults,
      forwarded,
      priority: 'medium',
      signal,
      deadline,
      maxOutputTokens,
      observed: asked.only === 'budget',
      inputTokens: counted ? () => inputTokens : this.#counter(target, () => host.segments(request), state),
      counted,
      parent: undefined,
      state,
    }
  }

  #counter(target: string, segments: () => readonly Segment[], state: CallState): () => number {
    const { estimator, targets } = this.#options
    let counted: number | undefined
    return () => {
      if (counted !== undefined) return counted
      const input = segments()
      state.inputLengths = inputLengths(input)
      counted = estimator.segments(input, targets.get(target).model)
      return counted
    }
  }
}
