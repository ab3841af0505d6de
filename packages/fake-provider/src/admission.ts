import type { Fault } from './faults/fault.ts'
import { ApiError } from './http/api-error.ts'
import { type Charge, isRefusal } from './limits/limiter.ts'
import type { Model } from './model.ts'
import { answerFault, type Context, isCharged, refuse } from './refuse.ts'
import { countBoth } from './state.ts'
import { addPrompt, countAdmitted, countRefused, countReleased, type PromptTokens } from './stats/counters.ts'

export interface AdmissionRequest extends PromptTokens {
  model: Model
  stream: boolean
  /** To take from limits on `tokens`. */
  tokens: number
  /** The part of `tokens` that may come back at the end, if it was not used. */
  refundable: boolean
}

/** A request that was let in: what it does from now on is accounted here. */
export interface Admitted {
  /** The fault that is to spoil the answer. */
  fault: Fault | undefined
  /** Output has been generated: counted, and charged where limits count it live. */
  generated(tokens: number, chargeTokens: boolean): void
}

/**
 * Waits the network's time, then lets the request in by the limits, or answers it with a 429 or a fault.
 *
 * @param onAdmitted called at most once, and not at all when the request has been answered.
 */
export function requestAdmission(
  context: Context,
  request: AdmissionRequest,
  onAdmitted: (admitted: Admitted) => void,
): void {
  const { state, exchange } = context
  const { min, max } = request.model.settings.admissionDelayMs
  const delay = max === 0 ? 0 : min + (max - min) * state.random()
  exchange.later(delay, () => decide(context, request, onAdmitted))
}

function decide(context: Context, request: AdmissionRequest, onAdmitted: (admitted: Admitted) => void): void {
  const { state } = context
  const { model, stream } = request
  const fault = state.faults.match({ model: model.id, stream }, state.random)
  if (fault)
    countBoth(state, model, ({ counters }) => {
      counters.faults[fault.kind] = (counters.faults[fault.kind] ?? 0) + 1
    })
  if (fault && !isCharged(fault) && answerFault(context, fault, model)) return

  const now = state.now()
  const { promptTokens, cachedTokens, tokens } = request
  const result = model.limiter.admit(now, { requests: 1, tokens, input: promptTokens - cachedTokens })
  if (isRefusal(result)) {
    if (model.settings.countRejected) model.limiter.countRefused(now)
    countBoth(state, model, (counting) => countRefused(counting, result))
    const never = result.waitMs === Infinity
    const retryAfterMs = never ? undefined : result.waitMs
    const kind = never ? 'request-too-large' : 'rate-limit'
    refuse(context, new ApiError(kind, '', { refusal: result, retryAfterMs }), model)
    return
  }
  const admitted = open(context, request, result, fault)
  if (!fault || !answerFault(context, fault, model)) onAdmitted(admitted)
}

/** Takes the slot, and sees to it that slot and unused tokens come back when the exchange ends. */
function open(
  { state, exchange, client }: Context,
  request: AdmissionRequest,
  charge: Charge,
  fault: Fault | undefined,
): Admitted {
  const { model, promptTokens, tokens, refundable } = request
  let output = 0
  countBoth(state, model, (counting) => countAdmitted(counting, charge.at, request))
  if (client) {
    client.admitted++
    addPrompt(client, request)
    client.chargedTokens += tokens
  }
  exchange.onEnd((ending) => {
    const now = state.now()
    const completed = ending === 'sent' && exchange.status === 200
    model.limiter.release()
    countBoth(state, model, (counting) => countReleased(counting, now, completed))
    if (client && completed) client.completed++
    const unused = refundable ? Math.max(0, tokens - promptTokens - output) : 0
    if (unused > 0) model.limiter.giveBack(now, charge, unused)
    if (client) client.chargedTokens -= unused
  })
  return {
    fault,
    generated(count, chargeTokens) {
      const now = state.now()
      output += count
      model.limiter.add(now, 'output', count)
      if (chargeTokens) model.limiter.add(now, 'tokens', count)
      countBoth(state, model, ({ counters }) => {
        counters.completionTokens += count
      })
      if (!client) return
      client.completionTokens += count
      if (chargeTokens) client.chargedTokens += count
    },
  }
}
