import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Limits } from '@plimsoll/core'
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
