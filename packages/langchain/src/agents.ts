export { plimsollMiddleware } from './agent-middleware.ts'
export { SpendLimitError, spendLimitMiddleware } from './spend-limit.ts'
export type { SpendLimit, SpendLimitOptions } from './spend-limit.ts'
