import type { Segment } from '@plimsoll/core'

/** Where in its request a segment stands. Under a symbol, so that `{ ...segment, text }` keeps it. */
const PLACE = Symbol('place')

export type PlacedSegment = Segment & { readonly [PLACE]: string }

export function at(segment: Segment, place: string): PlacedSegment {
  return { ...segment, [PLACE]: place }
}

/** @throws {TypeError} when the segment was not made from one of the request's */
export function placeOf(segment: Segment): string {
  const place = (segment as Partial<PlacedSegment>)[PLACE]
  if (place !== undefined) return place
  throw new TypeError(
    'A segment does not say where it belongs: make it from one of the request, { ...segment, text }.',
  )
}
