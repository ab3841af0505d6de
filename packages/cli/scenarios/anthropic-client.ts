import { createAnthropic } from '@ai-sdk/anthropic'
import { counted, each } from '../src/demo/client.ts'
import type { ClientOf } from '../src/demo/client.ts'

/** The AI SDK's Anthropic client. */
export const anthropicClient: ClientOf = ({ baseURL, apiKey, tally }) =>
  each((model) => createAnthropic({ baseURL, apiKey, fetch: counted(model, tally) })(model))
