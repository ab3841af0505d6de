import type { Refusal } from '../limits/limiter.ts'

export type ApiErrorKind =
  | 'invalid-request'
  | 'unauthorized'
  | 'model-not-found'
  | 'not-found'
  | 'method-not-allowed'
  | 'body-too-large'
  | 'rate-limit'
  | 'request-too-large'
  | 'insufficient-quota'
  | 'overloaded'
  | 'server-error'

/** A request's failure before it has a body: each dialect writes it as its API does. */
export class ApiError extends Error {
  readonly kind: ApiErrorKind
  /** The request's field at fault. */
  readonly param: string | undefined
  /** Which limit refused. */
  readonly refusal: Refusal | undefined
  /** The hint to send; none when undefined. */
  readonly retryAfterMs: number | undefined

  constructor(
    kind: ApiErrorKind,
    message: string,
    details: { param?: string; refusal?: Refusal; retryAfterMs?: number | undefined } = {},
  ) {
    super(message)
    this.name = 'ApiError'
    this.kind = kind
    this.param = details.param
    this.refusal = details.refusal
    this.retryAfterMs = details.retryAfterMs
  }
}
