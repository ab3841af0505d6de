import type { Reply, StreamFormat } from './dialects/dialect.ts'
import type { Fault } from './faults/fault.ts'
import type { Context } from './refuse.ts'

/** Delays what is still to come by `ms`; Infinity ends it. */
type Hold = (ms: number) => void

/** Where an answer is written as it is generated. `begin` and `end` are called again after a hold they made. */
export interface Sink {
  begin(hold: Hold): void
  tokens(from: number, to: number, hold: Hold): void
  end(hold: Hold): void
}

/** Headers of this content type, with the limits as they are when it is called. */
export type Headers = (type: string) => Record<string, string>

const DEFAULT_KEEP_ALIVE_MS = 50

/** Keep-alives in place of content: true as long as they go on. */
function createKeepAlives(
  context: Context,
  fault: Fault | undefined,
): (piece: () => string, hold: Hold) => boolean {
  if (fault?.kind !== 'keep-alive-only') return () => false
  const { exchange } = context
  const everyMs = Math.max(1, fault.everyMs ?? DEFAULT_KEEP_ALIVE_MS)
  let left = fault.forMs ?? Infinity
  return (piece, hold) => {
    if (left <= 0) return false
    exchange.write(piece())
    left -= everyMs
    hold(everyMs)
    return true
  }
}

/** Server-sent events: one piece of content at a time. */
export function createStreamSink(
  context: Context,
  { reply, fault, headers }: { reply: Reply; fault: Fault | undefined; headers: Headers },
): Sink {
  const { exchange, dialect } = context
  const format = dialect.stream(reply)
  const keepAlive = createKeepAlives(context, fault)
  let pieces = 0
  let opened = false
  let spoilt = false

  /** A fault that waits for so many pieces comes then, or at the end of a shorter answer. */
  function spoilAfter(enough: boolean, hold: Hold): boolean {
    if (spoilt || !enough || !fault) return false
    spoilt = true
    return spoil(context, format, fault, hold)
  }

  const after = fault && 'afterChunks' in fault && fault.afterChunks !== undefined ? fault.afterChunks : 1
  return {
    begin(hold) {
      if (!exchange.headersSent) exchange.head(200, headers('text/event-stream; charset=utf-8'))
      if (keepAlive(format.keepAlive, hold)) return
      if (!opened) exchange.write(format.open())
      opened = true
      spoilAfter(after === 0, hold)
    },
    tokens(from, to, hold) {
      exchange.write(format.piece(reply.answer.slice(from, to)))
      pieces++
      spoilAfter(pieces === after, hold)
    },
    end(hold) {
      if (spoilAfter(true, hold)) return
      exchange.write(format.close())
      exchange.end()
    },
  }
}

/** Spoils a stream in its midst; true when what follows is put off or never comes. */
function spoil({ exchange }: Context, format: StreamFormat, fault: Fault, hold: Hold): boolean {
  switch (fault.kind) {
    case 'stall':
      hold(fault.forMs ?? Infinity)
      return true
    case 'cut':
      exchange.break('after-writes')
      hold(Infinity)
      return true
    case 'error-event':
      exchange.write(format.error())
      exchange.end()
      hold(Infinity)
      return true
    case 'malformed':
      exchange.write('data: {"choices":[{"delta":\n\n')
      return false
    default:
      return false
  }
}

/** One JSON body, written at the end. */
export function createBodySink(
  context: Context,
  { body, fault, headers }: { body: () => unknown; fault: Fault | undefined; headers: Headers },
): Sink {
  const { exchange } = context
  const keepAlive = createKeepAlives(context, fault)
  let stalled = false
  return {
    begin(hold) {
      if (fault?.kind === 'keep-alive-only' && !exchange.headersSent)
        exchange.head(200, headers('application/json'))
      keepAlive(() => '\n', hold)
    },
    tokens() {},
    end(hold) {
      if (fault?.kind === 'stall' && !stalled) {
        stalled = true
        hold(fault.forMs ?? Infinity)
        return
      }
      const text = JSON.stringify(body())
      const half = text.slice(0, text.length >> 1)
      if (exchange.headersSent) {
        exchange.write(text)
        exchange.end()
      } else if (fault?.kind === 'cut') {
        const length = String(Buffer.byteLength(text))
        exchange.head(200, { ...headers('application/json'), 'content-length': length })
        exchange.write(half)
        exchange.break('after-writes')
      } else {
        exchange.send(200, headers('application/json'), fault?.kind === 'malformed' ? half : text)
      }
    },
  }
}
