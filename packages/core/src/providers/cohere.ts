import { defineProvider } from './define.ts'

/**
 * Cohere. Requests per minute and model, and for trial keys calls per month. No header tells how large they are; those of
 * a refusal say how long to wait: `Retry-After`, else `X-RateLimit-Reset`.
 *
 * Source: Cohere's rate limit page; its SDK, which reads those headers in that order.
 */
export const cohere = defineProvider({
  id: 'cohere',
  aliases: ['chatcohere'],
  waits: [{ header: 'X-RateLimit-Reset', as: 'epoch-seconds' }],
})
