import type { Attributes } from '../call/attributes.ts'
import { PlimsollError } from '../call/errors.ts'

/** Where calls are kept that are to be made later. */
export interface DeferQueue {
  /** Rejects when it can take no more. */
  push(job: DeferredJob): Promise<void> | void
}

export interface DeferredJob {
  /** The id of the call it was. */
  readonly id: string
  /** Clock time when it was put off. */
  readonly at: number
  readonly task: string | undefined
  readonly target: string
  readonly attributes: Attributes
  /** The request as plain data (`host.key`). */
  readonly request: unknown
}

/** What jobs are kept in: a `Map`, a `Keyv`, anything with these three. */
export interface DeferStore {
  get(key: string): unknown
  set(key: string, value: unknown): unknown
  delete(key: string): unknown
}

export interface KeptQueueOptions {
  /** @defaultValue a `Map`: jobs end with the process */
  readonly store?: DeferStore
  /** Keys in the store begin with it. @defaultValue 'plimsoll:deferred' */
  readonly name?: string
  /** How many jobs are kept; one more is turned away. @defaultValue 1_000 */
  readonly max?: number
}

export interface KeptQueue extends DeferQueue {
  push(job: DeferredJob): Promise<void>
  /**
   * Runs `fn` with the oldest job that nobody runs yet. The job goes once `fn` has resolved; when it rejects, the job
   * goes to the end of the line, and the error is thrown. Resolves with false when there was none.
   */
  run(fn: (job: DeferredJob) => Promise<unknown>): Promise<boolean>
  /** Jobs that are kept, those under way included. */
  size(): Promise<number>
}

/**
 * Calls that are put off, oldest first.
 *
 * ```ts
 * const later = deferQueue({ store: new Keyv(sqlite) })
 * createPlimsoll({ tasks: { digest: { degrade: [{ defer: later }] } } })
 * while (await later.run((job) => plimsoll.with(job.attributes, () => digest(job.request))));
 * ```
 * A job is run at least once: after a crash those that were under way are run again.
 *
 * **Gotcha**: one process at a time may use a store under one name. `get` and `set` do not tell two of them apart.
 */
export function deferQueue({
  store = new Map<string, unknown>(),
  name = 'plimsoll:deferred',
  max = 1_000,
}: KeptQueueOptions = {}): KeptQueue {
  const running = new Set<string>()
  let last: Promise<unknown> = Promise.resolve()

  /** One change after the other. */
  function inTurn<R>(change: () => Promise<R>): Promise<R> {
    const done = last.then(change)
    last = done.catch(() => {})
    return done
  }

  async function ids(): Promise<string[]> {
    const kept: unknown = await store.get(name)
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === 'string') : []
  }

  const keyOf = (id: string): string => `${name}:${id}`

  function taken(): Promise<DeferredJob | undefined> {
    return inTurn(async () => {
      for (const id of await ids()) {
        if (running.has(id)) continue
        const job: unknown = await store.get(keyOf(id))
        if (isJob(job)) {
          running.add(id)
          return job
        }
        // Lost, or expired, in its store.
        await store.set(
          name,
          (await ids()).filter((one) => one !== id),
        )
      }
      return undefined
    })
  }

  return {
    push: (job) =>
      inTurn(async () => {
        const kept = await ids()
        if (kept.length >= max) {
          const message = `${max} calls are put off already: run them, or raise \`max\`.`
          throw new PlimsollError({ code: 'queue-full', message })
        }
        // The job first: a list that names what is not there would lose it.
        await store.set(keyOf(job.id), job)
        await store.set(name, [...kept.filter((id) => id !== job.id), job.id])
      }),
    async run(fn) {
      const job = await taken()
      if (job === undefined) return false
      const { id } = job
      try {
        await fn(job)
        await inTurn(async () => {
          await store.set(
            name,
            (await ids()).filter((one) => one !== id),
          )
          await store.delete(keyOf(id))
        })
      } catch (error) {
        await inTurn(async () => store.set(name, [...(await ids()).filter((one) => one !== id), id]))
        throw error
      } finally {
        running.delete(id)
      }
      return true
    },
    size: async () => (await inTurn(ids)).length,
  }
}

function isJob(value: unknown): value is DeferredJob {
  return typeof value === 'object' && value !== null && 'id' in value && 'request' in value
}
