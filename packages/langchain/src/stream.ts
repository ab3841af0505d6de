/** An iterator as something that `for await` takes; leaving early returns it. */
export function iterate<P>(source: AsyncIterator<P>): AsyncIterable<P> {
  return { [Symbol.asyncIterator]: () => source }
}

export async function* each<P>(parts: Iterable<P>): AsyncGenerator<P> {
  yield* parts
}

/**
 * A generator that has begun: its first part, or what it failed with, is known. Chat models send nothing before their
 * stream is read from.
 */
export async function begun<P>(source: AsyncIterator<P>): Promise<AsyncIterator<P>> {
  let first: IteratorResult<P> | undefined = await source.next()
  return {
    async next() {
      const held = first
      first = undefined
      return held ?? source.next()
    },
    async return(value?: unknown) {
      return (await source.return?.(value)) ?? { done: true, value: undefined }
    },
  }
}
