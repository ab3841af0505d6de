import { defineProvider } from './define.ts'
import { openaiHeaders } from './headers.ts'
import { openai } from './openai.ts'

/**
 * Azure OpenAI: OpenAI's API, errors and headers, per deployment. Charges prompt and `max_tokens`. Tokens are counted in
 * minutes that end for all at once; requests in slices of 1 or 10 s, of which the longer is assumed: what its header has
 * left of requests is of 10 s.
 *
 * Source: Azure OpenAI's quota pages; for the scope of `x-ratelimit-remaining-requests`, clemenssiebler.com, measured.
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
      { ...openaiHeaders('tokens', 60_000), assumed: true },
      { unit: 'requests', perMs: 10_000, remaining: 'x-ratelimit-remaining-requests' },
    ],
  },
  openai,
)
