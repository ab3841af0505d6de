export { plimsollEmbeddingMiddleware, plimsollMiddleware } from './middleware.ts'
export { withPlimsoll } from './provider.ts'
