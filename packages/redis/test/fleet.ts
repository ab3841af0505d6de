import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Limits, StoreFallback } from '@plimsoll/core'
import type { LeaseOptions } from '@plimsoll/redis'

/** What a process of the fleet is told. */
export interface Task {
  readonly redis: string
  readonly namespace: string
  readonly provider: string
  readonly target: string
  readonly limits: Limits
  readonly calls: number
  /** After its calls, which are answered at once, it holds so many and never ends. @defaultValue 0 */
  readonly hold: number
  readonly leaseMs: number
  readonly clockOffMs: number
  readonly lease?: LeaseOptions
  readonly maxOutputTokens: number
  readonly messages: readonly { readonly role: 'user'; readonly content: string }[]
  readonly call: { readonly target: string; readonly inputTokens: number; readonly maxOutputTokens: number }
}

export interface Result {
  readonly failures: readonly string[]
  readonly lastAt: number
  /** What Redis was asked for, by kind, and how often. */
  readonly asked: Readonly<Record<string, number>>
}

/** A process that does its task. */
export function started(task: Task): ChildProcess {
  const racer = new URL('racer.ts', import.meta.url).pathname
  return fork(racer, [JSON.stringify(task)], { execArgv: ['--conditions=@plimsoll/source'] })
}

/** The first that it says. Rejects when it ends without a word. */
export async function said<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A process of the fleet ended with ${String(code)} and said nothing.`)
  })
  const message = once(child, 'message').then(([value]) => value as T)
  ended.catch(() => {})
  return Promise.race([message, ended])
}

/** What a process is told that then does what it is ordered to. */
export interface MemberTask extends Pick<Task, 'redis' | 'provider' | 'messages'> {
  readonly targets: Readonly<Record<string, { readonly limits: Limits }>>
  readonly onStoreError: StoreFallback
  readonly maxWaitMs: number
  readonly localShare: number
}

interface Calls {
  readonly target: string
  readonly times: number
  readonly call: { readonly inputTokens: number; readonly maxOutputTokens: number }
}

export type Order =
  /** So many at once. Answers with how each ended: `sent`, or the code of its refusal. */
  | ({ readonly type: 'call' } & Calls)
  /** So many whose answers are here, and that do not end until they are let go. */
  | ({ readonly type: 'hold' } & Calls)
  /** In so many lanes, one call after the other, for ever. */
  | ({ readonly type: 'stream' } & Calls)
  /** What is held ends. Answers with how. */
  | { readonly type: 'let go' }
  /** Whether the store is. */
  | { readonly type: 'lost' }
  /** Waits until the store is there, and has been told everything. */
  | { readonly type: 'regained' }

/** A process that does what it is ordered to, and answers when that is done. */
export interface Ordered<O> {
  do<T>(order: O): Promise<T>
  kill(): void
}

export type Member = Ordered<Order>

export function member(task: MemberTask): Promise<Member> {
  return ordered(new URL('member.ts', import.meta.url), task)
}

/** @throws {Error} (`do`) when an order has failed, or the process has ended before it was done */
export async function ordered<O>(file: URL, task: unknown): Promise<Ordered<O>> {
  const child = fork(file.pathname, [JSON.stringify(task)], { execArgv: ['--conditions=@plimsoll/source'] })
  await said(child)
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  child.on('message', ({ nth, answer, failed }: { nth: number; answer?: unknown; failed?: string }) => {
    if (failed === undefined) waiting.get(nth)?.resolve(answer)
    else waiting.get(nth)?.reject(new Error(failed))
    waiting.delete(nth)
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`It ended with ${String(code)} meanwhile.`))
  })
  let orders = 0
  return {
    do(order) {
      const answer = Promise.withResolvers<unknown>()
      const nth = ++orders
      waiting.set(nth, answer)
      child.send({ nth, order })
      return answer.promise as Promise<never>
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
