import { defineProvider } from './define.ts'
import { openai } from './openai.ts'

/**
 * Azure OpenAI: OpenAI's API, errors and names of headers, per deployment. Charges prompt and `max_tokens`. Tokens are
 * counted in minutes that end for all at once, and a header says in how many seconds this one does, at times in place of
 * `retry-after`; requests in slices of 1 or 10 s, of which the longer is assumed: what its header has left of requests is
 * of 10 s.
 *
 * Source: Azure OpenAI's quota pages; github.com/openai/openai-python/issues/937 and openai-dotnet/issues/838 for the reset;
 * clemenssiebler.com, measured, for the scope of `x-ratelimit-remaining-requests`.
 */
export const azure = defineProvider(
  {
    id: 'azure',
    aliases: ['azure-openai', 'azure-ai-openai', 'azurechatopenai'],
    algorithm: [
      { unit: 'tokens', perMs: 60_000, algorithm: 'fixed-window' },
      { unit: 'requests', perMs: 60_000, sliceMs: 10_000 },
    ],
    headers: [
      {
        unit: 'tokens',
        perMs: 60_000,
        limit: 'x-ratelimit-limit-tokens',
        remaining: 'x-ratelimit-remaining-tokens',
        reset: 'x-ratelimit-reset-tokens',
        resetAs: 'seconds',
        assumed: true,
      },
      { unit: 'requests', perMs: 10_000, remaining: 'x-ratelimit-remaining-requests' },
    ],
    waits: [
      { header: 'x-ratelimit-reset-tokens', as: 'seconds' },
      { header: 'x-rate-limit-reset-tokens', as: 'seconds' },
    ],
  },
  openai,
)
