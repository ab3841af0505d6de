import type { Call } from '../call/call.ts'
import type { TaskCache } from './cache-config.ts'
import { ALL, SHARED } from './keys.ts'
import type { Keys } from './keys.ts'
import type { Epochs } from './epochs.ts'

/** What the configuration says of a call's task, as far as reuse goes by it. */
export interface ReusableTask {
  readonly name: string
  readonly cache: TaskCache | undefined
  /** Whether twins in flight share a call; `undefined` where the task does not say. */
  readonly coalesce: boolean | undefined
  /** Who is to answer, and how, as plain data: change it, and the answers are others. */
  readonly answeredBy: unknown
}

/** Which answer a call asks for. */
export interface Identity {
  readonly key: string
  /** Of all keys of its tenant, until they are purged. */
  readonly prefix: string
  readonly task: ReusableTask
  readonly cache: TaskCache | undefined
  readonly coalesce: boolean
}

/**
 * Everything that can change the answer to a call, and so is in its key. What is not: who the user is, which feature, run or
 * step it is for, how urgent it is, and the request's headers.
 *
 * @param request as the host has it, or without its question, for what two questions must have in common
 */
export function ingredients(
  call: Call<unknown>,
  { name, answeredBy }: ReusableTask,
  request: unknown,
): unknown {
  const { attributes, state, host, maxOutputTokens } = call
  // What a client has said may set its answers apart. It joins no others: those are keyed by the same words.
  const { promptVersion, documentIds, toolVersions } = state.prepared?.attributes ?? attributes
  const { plan, risk, permissions } = attributes
  return {
    // A streamed answer and a whole one are different values to a toolkit: each is kept for its own kind.
    kind: host.kind,
    request,
    task: name,
    answeredBy,
    plan,
    risk,
    promptVersion,
    documentIds,
    toolVersions,
    permissions: permissions && [...new Set(permissions)].toSorted(),
    maxOutputTokens,
  }
}

/** Whether it shares nothing, as far as that is plain without looking at what it asks. */
export function isAlone({ request }: Call<unknown>, { cache, coalesce }: ReusableTask): boolean {
  // A function that says nothing of what it asks: no two of its calls are known to be the same.
  return request === undefined || (cache === undefined && coalesce === false)
}

/** @throws for a request that has no canonical form */
export async function identify(
  call: Call<unknown>,
  task: ReusableTask,
  { keys, epochs }: { keys: Keys; epochs: Epochs },
): Promise<Identity | undefined> {
  const { cache } = task
  const request = call.host.key(call.request)
  const coalesce = task.coalesce ?? (cache !== undefined || isDeterministic(request))
  if (cache === undefined && !coalesce) return undefined
  const hash = keys.of(ingredients(call, task, request))
  const holder = cache?.scope === 'shared' ? SHARED : keys.holder(call.attributes.tenant)
  const living = livingPrefix(holder, epochs)
  // Not waited for where it is known.
  const prefix = typeof living === 'string' ? living : await living
  return { key: prefix + hash, prefix, task, cache, coalesce }
}

/** What the keys of a holder's entries begin with, until they are purged. */
export function livingPrefix(holder: string, epochs: Epochs): string | Promise<string> {
  const [all, own] = [epochs.of(ALL), epochs.of(holder)]
  const join = (epoch: readonly string[]): string => `${prefixOf(holder)}${epoch.join('.')}:`
  return typeof all === 'string' && typeof own === 'string'
    ? join([all, own])
    : Promise.all([all, own]).then(join)
}

export function prefixOf(holder: string): string {
  return `plimsoll:${holder}:`
}

function isDeterministic(request: unknown): boolean {
  return (
    typeof request === 'object' && request !== null && 'temperature' in request && request.temperature === 0
  )
}
