/** Each is a limit of its own, in milliseconds; what is left out has none. */
export interface Timeouts {
  /** One attempt, from when it is sent to the end of its answer (of a stream: to its first content). */
  readonly attemptMs?: number
  /** Streams only: from when an attempt is sent to its first content. Keep-alives are not content. */
  readonly firstContentMs?: number
  /** Between two parts of a stream that carry content, while its reader waits. */
  readonly betweenChunksMs?: number
  /**
   * The whole call, its waiting, retries and fallbacks included, until it is answered (of a stream: to its first
   * content). What has begun to answer is never thrown away for it.
   */
  readonly callMs?: number
}
