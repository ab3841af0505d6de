import { createOpenAI } from '@ai-sdk/openai'
import type { ModelOf } from './sides/side.ts'
import type { Tally } from './tally.ts'

export interface ClientOptions {
  /** With the API's version behind: `http://127.0.0.1:4010/v1`. */
  readonly baseURL: string
  readonly apiKey: string
  readonly tally: Tally
}

/** What makes a toolkit's models out of an address. */
export type ClientOf = (options: ClientOptions) => ModelOf

const TOO_MANY_REQUESTS = 429

/** The AI SDK's OpenAI client. One for each model, so that its requests can be told apart. */
export const openaiClient: ClientOf = ({ baseURL, apiKey, tally }) =>
  each((model) => createOpenAI({ baseURL, apiKey, fetch: counted(model, tally) }).chat(model))

export function each(create: ModelOf): ModelOf {
  const models = new Map<string, ReturnType<ModelOf>>()
  return (id) => {
    const known = models.get(id)
    if (known !== undefined) return known
    const model = create(id)
    models.set(id, model)
    return model
  }
}

/** `fetch` that counts: below every toolkit and retry, it sees what the provider sees. */
export function counted(model: string, tally: Tally): typeof fetch {
  return async (input, init) => {
    tally.requests++
    tally.requestsByModel.set(model, (tally.requestsByModel.get(model) ?? 0) + 1)
    const response = await fetch(input, init)
    if (response.status === TOO_MANY_REQUESTS) tally.rateLimited++
    return response
  }
}
