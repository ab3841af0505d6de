/** A language model of either version: it answers requests of its own kind. */
export interface Generating<Request, Result> {
  readonly provider: string
  readonly modelId: string
  doGenerate(request: Request): PromiseLike<Result>
}

/** The same, for answers in a stream. */
export interface Streaming<Request, Result> {
  readonly provider: string
  readonly modelId: string
  doStream(request: Request): PromiseLike<Result>
}

/** An embedding model of either version. */
export interface Embedding<Request, Result> {
  readonly provider: string
  readonly modelId: string
  doEmbed(request: Request): PromiseLike<Result>
}

/**
 * A middleware for `wrapLanguageModel` of AI SDK 6 and of 7: whatever version a model is of, it gives what the model
 * gives. It has no types of the AI SDK in it, so it fits whichever release of them is installed.
 */
export interface PlimsollMiddleware {
  /** AI SDK 6 asks for `'v3'`; 7 takes any. */
  readonly specificationVersion: 'v3'
  wrapGenerate<Request, Result>(options: {
    readonly model: Generating<Request, Result>
    readonly params: Request
  }): Promise<Result>
  wrapStream<Request, Result>(options: {
    readonly model: Streaming<Request, Result>
    readonly params: Request
  }): Promise<Result>
}

/** As `PlimsollMiddleware`, for `wrapEmbeddingModel`. */
export interface PlimsollEmbeddingMiddleware {
  readonly specificationVersion: 'v3'
  wrapEmbed<Request, Result>(options: {
    readonly model: Embedding<Request, Result>
    readonly params: Request
  }): Promise<Result>
}
