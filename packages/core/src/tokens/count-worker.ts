import { parentPort } from 'node:worker_threads'
import type { CountReply, CountRequest } from './counting.ts'
import { createEncoder, type Encoder } from './encoder.ts'

/** Run as a worker by `counting.ts`: counts what it is handed, a slice at a time. */
const encoders = new Map<string, Encoder>()
let cut = ''

function count({ encoding, table, texts, isFirst, isCut }: CountRequest): number {
  if (table !== undefined) encoders.set(encoding, createEncoder(table))
  const encoder = encoders.get(encoding)!
  let before = isFirst ? '' : cut
  cut = ''
  let tokens = 0
  for (const [index, text] of texts.entries()) {
    const whole = before + text
    before = ''
    if (isCut && index === texts.length - 1) cut = whole
    else tokens += encoder.count(whole)
  }
  return tokens
}

parentPort?.on('message', (request: CountRequest) => {
  let reply: CountReply
  try {
    reply = { tokens: count(request) }
  } catch (error) {
    // A text that memory is too small for: the next may be shorter.
    reply = { error }
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
  parentPort?.postMessage(reply)
})
