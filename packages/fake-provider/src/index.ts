export type { Consumption } from './control.ts'
export type { Fault, FaultKind, FaultMatch } from './faults/fault.ts'
export type {
  ChargeRule,
  FakeProviderOptions,
  LimitAlgorithm,
  LimitOptions,
  LimitUnit,
  ModelOptions,
} from './options.ts'
export { type FakeProvider, startFakeProvider } from './server.ts'
export type { ClientRequestStats, Counters, LimitStats, ModelStats, Stats } from './stats/stats.ts'
