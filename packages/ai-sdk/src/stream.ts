/** Reads a stream part by part, and no further than it is asked. `return` cancels it. */
export function iteratorOf<P>(stream: ReadableStream<P>): AsyncIterator<P> {
  const reader = stream.getReader()
  return {
    async next() {
      const read = await reader.read()
      return read.done ? { done: true, value: undefined } : { done: false, value: read.value }
    },
    async return(reason?: unknown) {
      await reader.cancel(reason)
      return { done: true, value: undefined }
    },
  }
}

/**
 * A stream that takes a part from its source only when its reader wants one: a slow reader slows the source down, and
 * one that leaves cancels it. (`start` and `TransformStream` would read ahead.)
 */
export function streamOf<P>(source: AsyncIterator<P>): ReadableStream<P> {
  return new ReadableStream<P>(
    {
      async pull(controller) {
        const { done, value } = await source.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel(reason) {
        await source.return?.(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

export function mapStream<P>(
  stream: ReadableStream<P>,
  change: (part: P) => P | Promise<P>,
): ReadableStream<P> {
  const source = iteratorOf(stream)
  return streamOf<P>({
    async next() {
      const read = await source.next()
      return read.done === true ? read : { done: false, value: await change(read.value) }
    },
    async return(reason?: unknown) {
      return (await source.return?.(reason)) ?? { done: true, value: undefined }
    },
  })
}

export function iterate<P>(parts: Iterable<P>): AsyncIterator<P> {
  const iterator = parts[Symbol.iterator]()
  return {
    next: async () => iterator.next(),
    return: async () => iterator.return?.() ?? { done: true, value: undefined },
  }
}
