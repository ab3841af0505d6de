import { randomBytes } from 'node:crypto'
import type { AnswerTo, Op, StoreFailure } from '@plimsoll/core'
import { answerOf } from './answers.ts'
import type { RedisPort } from './port.ts'
import { FUNCTION, LAYOUT, LIBRARY } from './script.ts'
import { wordsOf } from './words.ts'
import type { LeaseAnswer, LeaseOp } from './leases/lease-op.ts'
import type { Asked } from './words.ts'

/** How often an operation is sent again because the server's calendar is in another period than we thought. */
const MOST_PERIODS = 3

const WITH_EPOCH: ReadonlySet<string> = new Set(['granted', 'done', 'hello', 'leased'])

/** What the server answered; `epoch` is another one when it lost all that it held. */
export interface Reply<O extends Asked> {
  readonly answer: O extends LeaseOp
    ? LeaseAnswer
    : O extends Op
      ? Exclude<AnswerTo<O>, StoreFailure>
      : { readonly kind: string }
  readonly epoch: string | undefined
}

export interface RedisScriptParts {
  readonly port: RedisPort
  readonly namespace: string
  /** The time at which the script is to do an operation. @defaultValue the server's own */
  readonly timeOf?: (now: number) => number
}

/** Asks the script for operations: one round trip each. Whatever goes wrong rejects. */
export class RedisScript {
  readonly #port: RedisPort
  readonly #prefix: string
  readonly #timeOf: ((now: number) => number) | undefined
  /** Short, for every operation carries it three times. */
  readonly #instance = randomBytes(9).toString('base64url')
  /** How far the server's clock is ahead of ours, as far as that was ever of importance. */
  #aheadMs = 0
  #loading: Promise<void> | undefined

  constructor({ port, namespace, timeOf }: RedisScriptParts) {
    this.#port = port
    this.#prefix = `{plimsoll:${namespace}}:${LAYOUT}:`
    this.#timeOf = timeOf
  }

  async ask<O extends Asked>(op: O, now: number): Promise<Reply<O>> {
    const time = this.#timeOf === undefined ? '' : `${this.#timeOf(now)}`
    for (let tries = 0; tries < MOST_PERIODS; tries++) {
      const speaker = { instance: this.#instance, now: () => now + this.#aheadMs }
      // The words are made before anything is awaited: operations reach the server in the order in which they are asked.
      const reply = await this.#run([time, this.#instance, ...wordsOf(op, speaker)])
      const answer = answerOf(reply)
      if (answer !== undefined)
        return { answer, epoch: WITH_EPOCH.has(reply[0]!) ? reply[1] : undefined } as Reply<O>
      this.#aheadMs = Number(reply[1]) - now
    }
    throw new Error(`The calendar of the Redis server changes faster than it answers (${op.type}).`)
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

  /** The answer is one string: clients take longer to read a list. */
  async #run(words: readonly string[]): Promise<readonly string[]> {
    const call = ['FCALL', FUNCTION, '1', `${this.#prefix}leases`, ...words]
    try {
      return String(await this.#port.send(call)).split(' ')
    } catch (error) {
      // The server does not know it: it is new, or was restarted and keeps nothing.
      if (!(error instanceof Error && error.message.includes('Function not found'))) throw error
      await this.#load()
      return String(await this.#port.send(call)).split(' ')
    }
  }

  /** Once for all who have found it missing. */
  #load(): Promise<void> {
    this.#loading ??= this.#loaded().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #loaded(): Promise<void> {
    try {
      await this.#port.send(['FUNCTION', 'LOAD', LIBRARY])
    } catch (error) {
      // Another process was quicker.
      if (!(error instanceof Error && error.message.includes('already exists'))) throw error
    }
  }
}
