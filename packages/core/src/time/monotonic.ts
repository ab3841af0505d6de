/**
 * Makes any clock's readings non-negative and non-decreasing: a step back is swallowed and time goes on from where it was.
 * What counts (buckets, windows, queues) may then take "later" for granted.
 */
export function monotonic(read: () => number): () => number {
  let raw = 0
  let offset = 0
  return () => {
    const next = read()
    if (next < raw) offset += raw - next
    raw = next
    return next + offset
  }
}
