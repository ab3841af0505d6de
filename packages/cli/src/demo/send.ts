import { generateText, streamText } from 'ai'
import type { LanguageModel, ProviderMetadata } from 'ai'
import type { ModelCall } from './workload.ts'

export interface SendOptions {
  readonly signal: AbortSignal
  /** @defaultValue the toolkit's own */
  readonly maxRetries?: number
}

/** What came of one call. */
export interface Sent {
  readonly inputTokens: number
  readonly outputTokens: number
  /** When the first of the answer was there to be read, for those that are streamed: of `performance.now()`. */
  readonly firstTokenAt?: number
  /** Of its text. */
  readonly characters: number
  /** By which rung Plimsoll gave it, where it is a lesser answer. */
  readonly degraded?: string
}

/** One call through the AI SDK, as an application makes it. Throws what the SDK throws. */
export async function send(model: LanguageModel, call: ModelCall, options: SendOptions): Promise<Sent> {
  const { signal, maxRetries } = options
  const request = {
    model,
    prompt: call.prompt,
    maxOutputTokens: call.maxOutputTokens,
    abortSignal: signal,
    ...(maxRetries === undefined ? {} : { maxRetries }),
  }
  if (call.interactive) return stream(request)
  const { usage, text, providerMetadata } = await generateText(request)
  return {
    inputTokens: usage.inputTokens ?? 0,
    outputTokens: usage.outputTokens ?? 0,
    characters: text.length,
    ...degradedBy(providerMetadata),
  }
}

async function stream(request: Parameters<typeof streamText>[0]): Promise<Sent> {
  let firstTokenAt: number | undefined
  // The SDK would print errors; here each is thrown below, and counted.
  const result = streamText({ ...request, onError: () => {} })
  let usage = { inputTokens: 0, outputTokens: 0 }
  let characters = 0
  let marks = {}
  for await (const part of result.stream) {
    if (part.type === 'error') throw part.error
    if (part.type === 'abort') throw request.abortSignal?.reason ?? new Error('aborted')
    if (part.type === 'text-delta') {
      firstTokenAt ??= performance.now()
      characters += part.text.length
    }
    if (part.type === 'finish-step') marks = degradedBy(part.providerMetadata)
    if (part.type === 'finish') {
      const { inputTokens = 0, outputTokens = 0 } = part.totalUsage
      usage = { inputTokens, outputTokens }
    }
  }
  return { ...usage, characters, ...marks, ...(firstTokenAt !== undefined && { firstTokenAt }) }
}

function degradedBy(metadata: ProviderMetadata | undefined): Pick<Sent, 'degraded'> {
  const degraded = metadata?.['plimsoll']?.['degraded']
  return typeof degraded === 'string' ? { degraded } : {}
}
