import { randomUUID } from 'node:crypto'
import type { AnswerTo, Op, Store } from '@plimsoll/core'
import { answerOf } from './answers.ts'
import type { RedisPort } from './port.ts'
import { LAYOUT, SCRIPT, SCRIPT_SHA } from './script.ts'
import { wordsOf } from './words.ts'

export interface RedisStoreParts {
  readonly port: RedisPort
  readonly namespace: string
  /** The time at which the script is to do an operation. @defaultValue the server's own */
  readonly timeOf?: (now: number) => number
}

/** How often an operation is sent again because the server's calendar is in another period than we thought. */
const MOST_PERIODS = 3

/** Limits and reservations that many processes share: each operation is one script, in one round trip. */
export class RedisStore implements Store {
  readonly #port: RedisPort
  readonly #prefix: string
  readonly #timeOf: ((now: number) => number) | undefined
  readonly #instance = randomUUID()
  /** How far the server's clock is ahead of ours, as far as that was ever of importance. */
  #aheadMs = 0

  constructor({ port, namespace, timeOf }: RedisStoreParts) {
    this.#port = port
    this.#prefix = `{plimsoll:${namespace}}:${LAYOUT}:`
    this.#timeOf = timeOf
  }

  send<O extends Op>(op: O, now: number, done: (answer: AnswerTo<O>) => void): void {
    this.#ask(op, now).then(
      (answer) => done(answer as AnswerTo<O>),
      (error: unknown) => done({ kind: 'failure', error } as AnswerTo<O>),
    )
  }

  /**
   * Something was given back by another process, or by a lease that ran out, to buckets that somebody waits for. Returns
   * how to stop listening.
   */
  async listen(
    freed: (keys: readonly string[]) => void,
    onError: (error: unknown) => void,
  ): Promise<() => Promise<void>> {
    const listener = (message: string): void => {
      const [from, ...keys] = message.split('\n')
      if (from !== this.#instance) freed(keys)
    }
    return this.#port.subscribe(`${this.#prefix}freed`, listener, onError)
  }

  async #ask(op: Op, now: number): Promise<AnswerTo<Op>> {
    const time = this.#timeOf === undefined ? '' : `${this.#timeOf(now)}`
    for (let tries = 0; tries < MOST_PERIODS; tries++) {
      const speaker = { instance: this.#instance, now: () => now + this.#aheadMs }
      const words = [time, this.#instance, ...wordsOf(op, speaker)]
      const reply = await this.#run(words)
      const answer = answerOf(reply)
      if (answer !== undefined) return answer
      this.#aheadMs = Number(reply[1]) - now
    }
    throw new Error(`The calendar of the Redis server changes faster than it answers (${op.type}).`)
  }

  async #run(words: readonly string[]): Promise<readonly unknown[]> {
    const rest = ['1', `${this.#prefix}leases`, ...words]
    try {
      return (await this.#port.send(['EVALSHA', SCRIPT_SHA, ...rest])) as readonly unknown[]
    } catch (error) {
      // The server does not know it: it is new, was restarted, or was told to forget its scripts.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return (await this.#port.send(['EVAL', SCRIPT, ...rest])) as readonly unknown[]
    }
  }
}
