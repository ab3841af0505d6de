import type { ChatResult } from '@langchain/core/outputs'
import type { AttemptInfo, Host, Plimsoll } from '@plimsoll/core'
import { errorFacts } from '@plimsoll/core'
import { chatRequest } from './chat-request.ts'
import { resultInfo } from './parts.ts'
import { maxOutputTokensOf } from './request.ts'
import type { ChatRequest } from './request.ts'
import { thrownFor } from './thrown.ts'

/** A call of which its host tells only when it begins, goes on and ends. */
export class ObservedCall {
  /** Resolves when it is let in. Rejects with what its caller is to be told, if it is not. */
  readonly admitted: Promise<void>
  /** Resolves when it is over and settled. Never rejects. */
  readonly over: Promise<void>
  readonly #answer = Promise.withResolvers<ChatResult>()
  readonly #left = new AbortController()
  #alive: AttemptInfo['alive']

  constructor(
    plimsoll: Plimsoll,
    request: ChatRequest,
    { target, defaults }: { target: string; defaults: object },
  ) {
    const admitted = Promise.withResolvers<void>()
    this.admitted = admitted.promise
    // Whoever is not let in is told by `admitted`; nobody need wait for what was never begun.
    admitted.promise.catch(() => {})
    this.#answer.promise.catch(() => {})
    const { signal } = request.options
    this.over = plimsoll
      .execute({
        host: this.#host(admitted.resolve),
        request,
        target,
        targets: [target],
        defaults,
        maxOutputTokens: maxOutputTokensOf(request.params),
        signal: signal === undefined ? this.#left.signal : AbortSignal.any([signal, this.#left.signal]),
        only: 'budget',
      })
      .then((outcome) => {
        if (outcome.kind !== 'ok') admitted.reject(thrownFor(outcome, target))
      }, admitted.reject)
  }

  /** A piece of the answer has come. */
  alive(): void {
    this.#alive?.()
  }

  answered(result: ChatResult): Promise<void> {
    this.#answer.resolve(result)
    return this.over
  }

  failed(error: unknown): Promise<void> {
    this.#answer.reject(error)
    return this.over
  }

  /** It will not be made, or nobody will tell of its end. */
  leave(reason: unknown): void {
    this.#left.abort(reason)
  }

  #host(letIn: () => void): Host<ChatResult, ChatRequest> {
    return {
      kind: 'generate',
      ...chatRequest,
      open: async (_request, _signal, { alive }) => {
        this.#alive = alive
        letIn()
        return { value: await this.#answer.promise }
      },
      parts: (result) => ({ kind: 'whole', info: resultInfo(result) }),
      // Of the rest nothing is used where a call is only let in and accounted for.
      encode: (result) => result,
      decode: (data) => data as ChatResult,
      message: () => ({ generations: [] }),
      copy: (result) => result,
      errorFacts,
    }
  }
}
