export { createPlimsoll } from './plimsoll.ts'
export type { CallOptions, HostCall, Plimsoll } from './plimsoll.ts'
export type { CallContext } from './call-host.ts'
export type { PlimsollConfig } from './config.ts'
export type {
  BudgetConfig,
  LimitEntry,
  Limits,
  LimitShorthand,
  Scope,
  TargetConfig,
} from './budget/limits.ts'
export type { QueueOptions } from './budget/pool.ts'
export type { Decision, Headroom } from './budget/decision.ts'
export type { Attributes, Priority } from './call/attributes.ts'
export { PlimsollError } from './call/errors.ts'
export type { ErrorCode } from './call/errors.ts'
export type { CallRecord, Listener, PlimsollEvent, RunRecord } from './call/events.ts'
export type { AttemptInfo, ErrorFacts, Finish, Host, Opened, PartInfo, Parts, Segment } from './call/host.ts'
export type { End, Failure, FailureClass, Marks, Outcome, Reply } from './call/outcome.ts'
export type { Admission, Reservation, Ticket, TicketState } from './call/ticket.ts'
export type { Usage } from './call/usage.ts'
export type { Workflow, WorkflowAttributes } from './run.ts'
export { errorFacts } from './providers/error-facts.ts'
export { providerId } from './providers/ids.ts'
export type { Profile } from './providers/profile.ts'
export type * from './store/port.ts'
export type { Cancel, Clock } from './time/clock.ts'
