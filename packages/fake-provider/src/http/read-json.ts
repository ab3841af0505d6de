import type { IncomingMessage } from 'node:http'
import { type Fields, isFields } from '../checks.ts'
import { ApiError } from './api-error.ts'

/** Reads a body of at most `maxBytes` that must be a JSON object; hands on an ApiError otherwise. */
export function readJson(
  request: IncomingMessage,
  maxBytes: number,
  done: (result: Fields | ApiError) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    const before = size
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
    else if (before <= maxBytes) {
      chunks.length = 0
      done(new ApiError('body-too-large', `Request body is larger than ${maxBytes} bytes.`))
    }
  })
  request.on('end', () => {
    if (size <= maxBytes) done(parse(Buffer.concat(chunks).toString('utf8')))
  })
}

function parse(text: string): Fields | ApiError {
  try {
    const body: unknown = JSON.parse(text)
    if (isFields(body)) return body
  } catch {
    // Falls through to the one answer for every body that is no JSON object.
  }
  return new ApiError('invalid-request', 'We could not parse the JSON body of your request.')
}
