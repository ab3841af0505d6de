import { defineProvider } from './define.ts'

/**
 * OpenRouter. Paid by credits; `:free` models bear 20 requests a minute, and so many a day. `X-RateLimit-*` come with
 * errors only, as headers or in the error's metadata: their reset is what to wait for. Which window their limit is of only
 * the message says, so that none is learnt from them.
 *
 * Source: OpenRouter's page on limits; its errors as users report them.
 */
export const openrouter = defineProvider({
  id: 'openrouter',
  aliases: ['chatopenrouter'],
  waits: [{ header: 'X-RateLimit-Reset', as: 'epoch-milliseconds' }],
  errors: [
    { when: { status: 429, message: 'free-models-per-' }, class: 'rate-limit', exhausted: ['requests'] },
  ],
})
