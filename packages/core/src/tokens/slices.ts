/** Some of the texts that are to be counted, small enough to be handed over in one turn. */
export interface Slice {
  readonly texts: readonly string[]
  /** The last of them goes on with the first of the next slice. */
  readonly isCut: boolean
}

/** Hands over texts in slices of so many characters at most. */
export function* slices(texts: readonly string[], size: number): Generator<Slice> {
  let slice: string[] = []
  let left = size
  for (const text of texts) {
    let from = 0
    while (text.length - from > left) {
      slice.push(text.slice(from, from + left))
      yield { texts: slice, isCut: true }
      from += left
      slice = []
      left = size
    }
    slice.push(text.slice(from))
    left -= text.length - from
  }
  yield { texts: slice, isCut: false }
}
