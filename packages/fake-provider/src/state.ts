import type { Faults } from './faults/faults.ts'
import type { Model, Models } from './model.ts'
import type { Random } from './random.ts'
import type { Settings } from './settings.ts'
import type { ClientRequests } from './stats/client-requests.ts'
import type { Counting } from './stats/counters.ts'

/** Everything one server has, handed to whatever serves a request. */
export interface State {
  settings: Settings
  /** Milliseconds since the start, monotonic. */
  now(): number
  /** Of latencies and fault rates, in the order requests come. */
  random: Random
  faults: Faults
  models: Models
  total: Counting
  clientRequests: ClientRequests
}

/** Applies a count to the total and to the model's own. */
export function countBoth(state: State, model: Model, count: (counting: Model['counting']) => void): void {
  count(state.total)
  count(model.counting)
}
