import type { End, Marks } from '../call/outcome.ts'

/** Only a whole and good answer is: one that was cut, filtered or lesser would be served as if it were not. */
export function isWorthKeeping({ degraded, cache }: Marks, { how, finish }: End): boolean {
  const isWhole = how === 'finished' && (finish === undefined || finish === 'stop' || finish === 'tool-calls')
  return isWhole && degraded === undefined && cache === undefined
}

/** What is served from a cache costs nothing, and is known exactly. */
export function unbilled({ how, finish }: Pick<End, 'how' | 'finish'>): End {
  return {
    how,
    usage: { inputTokens: 0, outputTokens: 0 },
    exact: true,
    costUsd: 0,
    ...(finish === undefined ? {} : { finish }),
  }
}
