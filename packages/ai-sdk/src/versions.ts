import type {
  EmbeddingModelV3Result,
  EmbeddingModelV4CallOptions,
  EmbeddingModelV4Result,
  LanguageModelV3DataContent,
  LanguageModelV3GenerateResult,
  LanguageModelV3Message,
  LanguageModelV3StreamPart,
  LanguageModelV3ToolResultPart,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4Message,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  LanguageModelV4ToolResultPart,
  SharedV4FileData,
} from '@ai-sdk/provider'

/*
 * What models of AI SDK 6 (specification v3) and 7 (v4) take and give. They differ in how they hold files, and v4 has
 * more kinds of part; in all else that is read here they agree.
 */

export type Message = LanguageModelV3Message | LanguageModelV4Message
export type FileData = LanguageModelV3DataContent | SharedV4FileData

type ToolResultPart = LanguageModelV3ToolResultPart | LanguageModelV4ToolResultPart
/** One of the items that the output of a tool may consist of. */
export type OutputItem = Extract<ToolResultPart['output'], { type: 'content' }>['value'][number]

export interface LanguageRequest extends Omit<LanguageModelV4CallOptions, 'prompt'> {
  prompt: Message[]
}
export type GenerateResult = LanguageModelV3GenerateResult | LanguageModelV4GenerateResult
export type StreamPart = LanguageModelV3StreamPart | LanguageModelV4StreamPart
export interface StreamResult extends Omit<LanguageModelV4StreamResult, 'stream'> {
  stream: ReadableStream<StreamPart>
}

export type EmbeddingRequest = EmbeddingModelV4CallOptions
export type EmbeddingResult = EmbeddingModelV3Result | EmbeddingModelV4Result

export interface LanguageModel {
  readonly provider: string
  readonly modelId: string
  doGenerate(request: LanguageRequest): PromiseLike<GenerateResult>
  doStream(request: LanguageRequest): PromiseLike<StreamResult>
}

export interface EmbeddingModel {
  readonly provider: string
  readonly modelId: string
  doEmbed(request: EmbeddingRequest): PromiseLike<EmbeddingResult>
}
