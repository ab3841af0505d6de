import type { Call } from '../call/call.ts'
import type { End, Reply } from '../call/outcome.ts'

/**
 * A stream that ends where it breaks, in place of failing: what it had is with its reader already, and worth having. Who
 * leaves it, or leaves it unread, is told as ever.
 *
 * @param onCut told when it has broken off
 */
export function endingWhereItBreaks<T>(call: Call<T>, reply: Reply<T>, onCut: () => void): Reply<T> {
  if (call.host.kind !== 'stream') return reply
  const parts = call.host.parts(reply.value)
  if (parts.kind === 'whole') return reply
  const { source } = parts
  const ending = parts.ending?.()
  let last: unknown[] | undefined

  async function next(): Promise<IteratorResult<unknown>> {
    if (last === undefined) {
      const read = await readOn()
      if (read !== undefined) return read
      last = [...(ending?.parts() ?? [])]
      onCut()
    }
    return last.length === 0 ? { done: true, value: undefined } : { done: false, value: last.shift() }
  }

  /** What comes next, and nothing where it has broken. */
  async function readOn(): Promise<IteratorResult<unknown> | undefined> {
    let read: IteratorResult<unknown>
    try {
      read = await source.next()
    } catch (error) {
      if (isCut(await reply.end)) return undefined
      throw error
    }
    if (read.done === true) return isCut(await reply.end) ? undefined : read
    if (parts.kind === 'stream' && parts.info(read.value).error !== undefined) {
      void Promise.resolve(source.return?.()).catch(() => {})
      return undefined
    }
    ending?.see(read.value)
    return read
  }

  const value = parts.value({
    next,
    return: async () => {
      await source.return?.()
      return { done: true, value: undefined }
    },
  })
  const end = reply.end.then((over) => (isCut(over) ? { ...over, degraded: 'partial' } : over))
  return { ...reply, value, end }
}

function isCut({ how }: End): boolean {
  return how === 'failed' || how === 'interrupted'
}
