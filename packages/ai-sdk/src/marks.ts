import type { SharedV4ProviderMetadata } from '@ai-sdk/provider'
import type { End, Reply } from '@plimsoll/core'
import { mapStream } from './stream.ts'
import type { StreamPart, StreamResult } from './versions.ts'

/** Says in `providerMetadata.plimsoll` who answered, and what is not as it was asked for. */
export function withMarks<T extends { providerMetadata?: SharedV4ProviderMetadata }>(
  value: T,
  { target, marks }: Pick<Reply<unknown>, 'target' | 'marks'>,
  end: End | undefined,
): T {
  const { cache, fallback, diet, degraded = end?.degraded } = marks
  const estimated = marks.estimated ?? end?.exact === false
  const plimsoll = {
    target,
    ...(cache === undefined ? {} : { cache }),
    ...(degraded === undefined ? {} : { degraded }),
    ...(fallback === undefined ? {} : { fallback }),
    ...(diet === undefined ? {} : { diet }),
    ...(estimated ? { estimated } : {}),
  }
  return { ...value, providerMetadata: { ...value.providerMetadata, plimsoll } }
}

/** The same of a stream, with its last part. */
export function markedStream(reply: Reply<StreamResult>): ReadableStream<StreamPart> {
  return mapStream(reply.value.stream, async (part) =>
    part.type === 'finish' ? withMarks(part, reply, await endSoFar(reply)) : part,
  )
}

/** How it ended, where it has: an answer never waits for its own accounting. */
export function endSoFar({ end }: Pick<Reply<unknown>, 'end'>): Promise<End | undefined> {
  return Promise.race([end, Promise.resolve(undefined)])
}
