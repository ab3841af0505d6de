import type { Plimsoll } from '../api.ts'

/** A provider that an adapter's real client calls, over HTTP. */
export interface ContractProvider extends AsyncDisposable {
  /** The next requests are answered with this status, however many; a 429 says to come back at once. */
  fail(status: 429 | 500, times: number): void
  /** Requests that have come in. */
  received(): number
  /** Requests whose client went away before their answer was whole. */
  abandoned(): number
  /** The most that were being answered at once. */
  peak(): number
}

export interface ContractAnswer {
  readonly text: string
  readonly usage: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined }
}

export interface ContractOptions {
  readonly signal?: AbortSignal
}

/** A toolkit's client, asked in its usual ways. */
export interface ContractClient {
  text(prompt: string, options?: ContractOptions): Promise<ContractAnswer>
  /** The pieces of text of a stream. Whoever leaves the loop cancels it, as the toolkit's user would. */
  stream(prompt: string, options?: ContractOptions): AsyncIterable<string>
  /** What the tool `weather` was called with. */
  tool(prompt: string): Promise<unknown>
  /** An answer of the schema `{ city: string, celsius: number }`. */
  object(prompt: string): Promise<unknown>
}

/** What an adapter brings to `adapterContract`. */
export interface AdapterSubject {
  /** The target of the model that its clients call. */
  readonly target: string
  /**
   * Answers of 20 tokens. In a prompt `[[tokens=N]]` asks for N, of which 1,000 take at least a second, and
   * `[[tool=weather {"city":"Oslo"}]]` for that call.
   */
  provider(): Promise<ContractProvider>
  /** A client under `plimsoll`, or, without it, a bare one. With a `'wrong'` key its provider answers 401. */
  client(provider: ContractProvider, plimsoll: Plimsoll | undefined, key: 'right' | 'wrong'): ContractClient
  /** What the toolkit itself throws for a request that the provider turns down has this status in it. */
  statusOf(error: unknown): unknown
}
