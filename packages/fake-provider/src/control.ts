import type { Fields } from './checks.ts'
import { checkNumber, checkObject, checkOneOf, checkString } from './checks.ts'
import { checkFault } from './faults/check-fault.ts'
import type { Fault } from './faults/fault.ts'
import { modelStats, resetModel } from './model.ts'
import type { LimitUnit } from './options.ts'
import type { State } from './state.ts'
import { createCounting, snapshot } from './stats/counters.ts'
import type { Stats } from './stats/stats.ts'

/** A charge as another process would make it. */
export interface Consumption {
  model: string
  unit: LimitUnit
  amount: number
}

/** What steers a running server: the same by function and over HTTP. */
export interface Control {
  stats(): Stats
  reset(): void
  inject(fault: Fault): void
  clearFaults(): void
  consume(consumption: Consumption): boolean
}

export function createControl(state: State): Control {
  return {
    stats() {
      const now = state.now()
      const models = [...state.models.all()].map((model) => [model.id, modelStats(model, now)] as const)
      return {
        seed: state.settings.seed,
        minuteMs: state.settings.minuteMs,
        nowMs: now,
        total: snapshot(state.total, now),
        models: Object.fromEntries(models),
        clientRequests: state.clientRequests.snapshot(),
      }
    },
    reset() {
      const now = state.now()
      state.total = createCounting(now, state.total.counters.inFlight)
      for (const model of state.models.all()) resetModel(model, now)
      state.clientRequests.clear()
    },
    inject(fault) {
      state.faults.inject(checkFault(fault))
    },
    clearFaults() {
      state.faults.clear()
    },
    consume(consumption) {
      const { model: id, unit, amount } = checkConsumption(consumption)
      const model = state.models.find(id)
      if (!model) throw new RangeError(`consume.model '${id}' is not in options.models`)
      if (!model.limiter.limits.some(({ settings }) => settings.unit === unit)) {
        throw new RangeError(
          `consume.unit '${unit}' has no limit on model '${id}': add one or name another unit`,
        )
      }
      return model.limiter.consume(state.now(), unit, amount)
    },
  }
}

function checkConsumption(value: unknown): Consumption {
  checkObject(value, 'consume', ['model', 'unit', 'amount'])
  const fields: Fields = value
  const model = checkString(fields['model'], 'consume.model')
  const unit = checkOneOf(fields['unit'], 'consume.unit', ['requests', 'tokens', 'input', 'output'])
  const amount = checkNumber(fields['amount'], 'consume.amount', { above: 0 })
  if (model === undefined || unit === undefined || amount === undefined) {
    throw new TypeError(
      'consume needs model, unit and amount, such as { model, unit: "tokens", amount: 500 }',
    )
  }
  return { model, unit, amount }
}
