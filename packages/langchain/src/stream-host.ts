import type { ErrorFacts, Finish, Host, PartInfo, Usage } from '@plimsoll/core'
import { errorFacts } from '@plimsoll/core'
import { objectOf } from './asked-object.ts'
import { chatRequest } from './chat-request.ts'
import type { ReadMessage } from './message.ts'
import { opened } from './opening.ts'
import { modelOf } from './request.ts'
import type { ChatRequest } from './request.ts'
import type { Send } from './send.ts'
import { begun, each } from './stream.ts'
import { addUsage } from './usage.ts'

/** A stream of LangChain's: chunks, or events. */
export interface Streamed<P> {
  source: AsyncIterator<P>
}

/** What there is to know of one of the two kinds of stream that chat models have. */
export interface Streaming<P> {
  info(part: P): PartInfo
  /** Pieces of usage add up, or each says anew how much it is by now. */
  readonly usage: 'adds' | 'replaces'
  copy(part: P): P
  encode(part: P): unknown
  decode(data: unknown): P
  /** What all of it says. */
  read(parts: readonly P[]): ReadMessage
  /** A stream that says this text, or holds this object, without a model. */
  message(request: ChatRequest, text: string, object: unknown): readonly P[]
  /** What ends a stream that broke off, where there is such a thing. */
  ending?(parts: readonly P[]): readonly P[]
}

/** A part of the stream, or its end: only there is it known that no usage follows. */
type Passed<P> = { readonly part: P; readonly info: PartInfo } | { readonly end: PartInfo }

/** How the core sees a stream. */
export function streamHost<P>(
  streaming: Streaming<P>,
  request: ChatRequest,
  send: Send<AsyncIterator<P>>,
): Host<Streamed<P>, ChatRequest> {
  return {
    kind: 'stream',
    ...chatRequest,
    open: (asked, signal, attempt) =>
      opened({ target: attempt.target, model: modelOf(asked.params) }, async () => ({
        source: await begun(send(asked, signal, attempt)),
      })),
    parts: ({ source }) => ({
      kind: 'stream',
      source: withEnd(source, streaming),
      info: (passed) => infoOf(passed as Passed<P>),
      copy: (passed) => copyOf(passed as Passed<P>, streaming),
      value: (passing) => ({ source: partsOf(passing as AsyncIterator<Passed<P>>) }),
      ...(streaming.ending === undefined ? {} : { ending: () => endingOf(streaming) }),
    }),
    encode: (_value, passed) =>
      (passed as readonly Passed<P>[]).flatMap((one) => ('part' in one ? [streaming.encode(one.part)] : [])),
    decode: (data) => ({ source: each((data as unknown[]).map((part) => streaming.decode(part))) }),
    object: (asked, _value, passed) => {
      const parts = (passed as readonly Passed<P>[]).flatMap((one) => ('part' in one ? [one.part] : []))
      return objectOf(asked.params, streaming.read(parts))
    },
    message: (text, object) => ({ source: each(streaming.message(request, text, object)) }),
    copy: copyStream(streaming),
    errorFacts: (error): ErrorFacts => errorFacts(error),
  }
}

/** The parts, and at last what the whole stream has said of its end and its usage. */
async function* withEnd<P>(source: AsyncIterator<P>, streaming: Streaming<P>): AsyncGenerator<Passed<P>> {
  let usage: Usage | undefined
  let finish: Finish | undefined
  let isOver = false
  try {
    for (;;) {
      const read = await source.next()
      if (read.done === true) break
      const info = streaming.info(read.value)
      usage = streaming.usage === 'adds' ? addUsage(usage, info.usage) : { ...usage, ...info.usage }
      finish = info.finish ?? finish
      yield { part: read.value, info }
    }
    isOver = true
  } finally {
    if (!isOver) await source.return?.()
  }
  const isKnown = usage !== undefined && Object.keys(usage).length > 0
  // Many models never say why they end; one that has counted has come to its end.
  const end = { finish: finish ?? (isKnown ? 'other' : 'interrupted') } as const
  yield { end: isKnown ? { ...end, usage: usage! } : end }
}

function infoOf(passed: Passed<unknown>): PartInfo {
  if ('end' in passed) return passed.end
  const { usage: _, finish: __, ...info } = passed.info
  return info
}

function copyOf<P>(passed: Passed<P>, { copy }: Streaming<P>): Passed<P> {
  return 'end' in passed ? passed : { ...passed, part: copy(passed.part) }
}

function partsOf<P>(passing: AsyncIterator<Passed<P>>): AsyncIterator<P> {
  return {
    async next() {
      const read = await passing.next()
      if (read.done === true) return { done: true, value: undefined }
      // Nothing comes after it, but what is read of that settles the call.
      if ('end' in read.value) return this.next()
      return { done: false, value: read.value.part }
    },
    async return() {
      await passing.return?.()
      return { done: true, value: undefined }
    },
  }
}

function endingOf<P>(streaming: Streaming<P>) {
  const seen: P[] = []
  return {
    see(passed: unknown) {
      const one = passed as Passed<P>
      if ('part' in one) seen.push(one.part)
    },
    parts: (): readonly Passed<P>[] => [
      ...streaming.ending!(seen).map((part) => ({ part, info: streaming.info(part) })),
      { end: { finish: 'other' } },
    ],
  }
}

/** A stream can be read once: the one that is copied reads one branch from now on, its copy the other. */
function copyStream<P>({ copy }: Streaming<P>): (value: Streamed<P>) => Streamed<P> {
  return (value) => {
    const [kept, given] = ReadableStream.from({ [Symbol.asyncIterator]: () => value.source }).tee()
    value.source = kept.values() as AsyncIterator<P>
    const branch = given.values() as AsyncIterator<P>
    return {
      source: (async function* () {
        for await (const part of { [Symbol.asyncIterator]: () => branch }) yield copy(part)
      })(),
    }
  }
}
