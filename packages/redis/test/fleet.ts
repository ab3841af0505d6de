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

export interface Member {
  do<T>(order: Order): Promise<T>
  kill(): void
}

export async function member(task: MemberTask): Promise<Member> {
  const path = new URL('member.ts', import.meta.url).pathname
  const child = fork(path, [JSON.stringify(task)], { execArgv: ['--conditions=@plimsoll/source'] })
  await said(child)
  const waiting = new Map<number, (answer: unknown) => void>()
  child.on('message', ({ nth, answer }: { nth: number; answer: unknown }) => waiting.get(nth)?.(answer))
  let orders = 0
  return {
    do: (order) =>
      new Promise((resolve) => {
        const nth = ++orders
        waiting.set(nth, (answer) => resolve(answer as never))
        child.send({ nth, order })
      }),
    kill: () => void child.kill('SIGKILL'),
  }
}
