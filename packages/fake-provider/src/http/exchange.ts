import type { IncomingMessage, ServerResponse } from 'node:http'

/** How an exchange ended. */
type Ending = 'sent' | 'aborted-by-client' | 'broken-by-server'

/** One request and its answer, with everything that has to stop when the socket goes. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly requestId: string
  readonly open: boolean
  readonly headersSent: boolean
  /** Of the answer, once its head is written. */
  readonly status: number | undefined
  /** Runs `task` in `ms` unless the exchange ends first. One at a time: the last one set counts. */
  later(ms: number, task: () => void): void
  /** Called once, in order of adding, as soon as the answer is sent or the socket gone. */
  onEnd(listener: (ending: Ending) => void): void
  /** Called with the status as it is sent; with 'none' when the socket is reset before. */
  onStatus(listener: (status: number | 'none') => void): void
  /** Writes the head of an answer that comes in pieces. */
  head(status: number, headers: Record<string, string>): void
  write(piece: string): void
  /** Runs `task` now, or once a client that reads slowly has caught up. */
  whenWritable(task: () => void): void
  end(): void
  /** A whole answer. */
  send(status: number, headers: Record<string, string>, body: string | undefined): void
  /** Destroys the socket: once what was written is out, or at once with a reset. */
  break(how: 'after-writes' | 'reset'): void
}

export function createExchange(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Exchange {
  const listeners: ((ending: Ending) => void)[] = []
  const statusListeners: ((status: number | 'none') => void)[] = []
  let timer: NodeJS.Timeout | undefined
  let open = true
  let broken = false

  response.on('close', () => {
    open = false
    clearTimeout(timer)
    const ending = response.writableFinished ? 'sent' : broken ? 'broken-by-server' : 'aborted-by-client'
    for (const listener of listeners) listener(ending)
  })

  function tellStatus(status: number | 'none'): void {
    for (const listener of statusListeners) listener(status)
  }

  function head(status: number, headers: Record<string, string>): void {
    tellStatus(status)
    response.writeHead(status, headers)
  }

  return {
    request,
    requestId,
    get open() {
      return open
    },
    get headersSent() {
      return response.headersSent
    },
    get status() {
      return response.headersSent ? response.statusCode : undefined
    },
    later(ms, task) {
      if (!open) return
      clearTimeout(timer)
      if (ms <= 0) task()
      else timer = setTimeout(task, ms)
    },
    onEnd(listener) {
      listeners.push(listener)
    },
    onStatus(listener) {
      statusListeners.push(listener)
    },
    head(status, headers) {
      head(status, headers)
      response.flushHeaders()
    },
    write(piece) {
      if (open) response.write(piece)
    },
    whenWritable(task) {
      if (!open) return
      if (response.writableNeedDrain) response.once('drain', task)
      else task()
    },
    end() {
      if (open) response.end()
    },
    send(status, headers, body) {
      if (!open) return
      if (body === undefined) {
        head(status, headers)
        response.end()
        return
      }
      head(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) })
      response.end(body)
    },
    break(how) {
      if (!open) return
      broken = true
      open = false
      if (how === 'reset') {
        if (!response.headersSent) tellStatus('none')
        request.socket.resetAndDestroy()
      } else {
        // A tick later: Node holds a response's writes back until the end of the current one.
        setImmediate(() => request.socket.destroy())
      }
    },
  }
}
