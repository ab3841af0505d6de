export { createPlimsoll } from './plimsoll.ts'
export type { CallOptions, HostCall, Plimsoll, PlimsollState } from './api.ts'
export type { CallContext } from './call-host.ts'
export type { PlimsollConfig, PlimsollSettings } from './config/config.ts'
export type {
  BudgetCondition,
  BudgetConfig,
  BudgetEntry,
  BudgetHolder,
  BudgetLookup,
  BudgetPeriod,
  BudgetShorthand,
  BudgetUnit,
  Scope,
} from './budget/budget-config.ts'
export type { LimitEntry, Limits, LimitShorthand, TargetConfig } from './budget/limits.ts'
export type { QueueOptions } from './budget/queue-options.ts'
export type { CacheConfig, CacheStore, SemanticCache } from './caching/cache-config.ts'
export type { Timeouts } from './call/timeouts.ts'
export type { BreakerConfig, HedgeConfig, RetryConfig } from './retry/retry-config.ts'
export type { TaskCache } from './caching/cache-config.ts'
export type { Decision, Headroom } from './budget/decision.ts'
export { deferQueue } from './degradation/defer-queue.ts'
export type {
  DeferQueue,
  DeferredJob,
  DeferStore,
  KeptQueue,
  KeptQueueOptions,
} from './degradation/defer-queue.ts'
export type { Diet } from './degradation/diet.ts'
export type { Features, FeatureSwitch } from './degradation/switches.ts'
export type { Strategy, Validate } from './routing/ladder.ts'
export type { ShadowConfig } from './routing/shadow-config.ts'
export type {
  ClassifyTask,
  Rung,
  StepConfig,
  TaskConfig,
  Unclassified,
  WorkflowConfig,
} from './config/task-config.ts'
export type { Step, StepContext, StepOptions } from './steps.ts'
export type { Alert, AlertQuery } from './accounting/alerts.ts'
export { toMetricEvent } from './accounting/metric-event.ts'
export type { MetricEvent } from './accounting/metric-event.ts'
export type { ReportKey } from './accounting/names.ts'
export type { ReportQuery } from './accounting/report-query.ts'
export type { ReportRow } from './accounting/report-row.ts'
export type { Report } from './accounting/report.ts'
export type { Percentiles } from './accounting/sketch.ts'
export type { Attributes, Priority } from './call/attributes.ts'
export type { Capability } from './call/capability.ts'
export { PlimsollError } from './call/errors.ts'
export type { ErrorCode } from './call/errors.ts'
export type { QueueGauge } from './call/gauge.ts'
export type { CacheOp, CutTokens, Listener, PassReason, PlimsollEvent } from './call/events.ts'
export type { CallRecord, InputParts, RunRecord } from './call/record.ts'
export type {
  AskedObject,
  AttemptInfo,
  ErrorFacts,
  Ending,
  Finish,
  Host,
  Opened,
  PartInfo,
  Parts,
  Segment,
} from './call/host.ts'
export type { End, Failure, FailureClass, Marks, Outcome, Reply } from './call/outcome.ts'
export type { Admission, Reservation, Ticket, TicketState } from './call/ticket.ts'
export type { Usage } from './call/usage.ts'
export type { Workflow, WorkflowAttributes } from './run.ts'
export type { Watch } from './watch.ts'
export { errorFacts } from './providers/error-facts.ts'
export { providerId } from './providers/ids.ts'
export type {
  ChargingRule,
  CountingRule,
  ErrorMatch,
  ErrorRule,
  LimitHeaders,
  ModelRule,
  ProviderProfile,
  TimeFormat,
  WaitHeader,
  WindowAlgorithm,
} from './providers/provider-profile.ts'
export type * from './store/port.ts'
export type { Calendar, Period } from './time/calendar.ts'
export type { Cancel, Clock } from './time/clock.ts'
export { costUsd } from './tokens/price.ts'
export type { Price, PricedTarget, PriceMatch, Prices, PriceTable, PriceTier } from './tokens/price.ts'
