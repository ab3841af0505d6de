export { plimsollEmbeddingMiddleware, plimsollMiddleware } from './middleware.ts'
export { withPlimsoll } from './provider.ts'
export type { PlimsollEmbeddingMiddleware, PlimsollMiddleware } from './structural.ts'
