import { parentPort, workerData } from 'node:worker_threads'
import type { StoreChanges } from '@plimsoll/core/store'
import { Database } from './database.ts'
import type { FileReply, FileRequest } from './file-thread.ts'

/** Run as a worker by `file-thread.ts`: whatever waits for the disk waits here. */
const { path } = workerData as { path: string }

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
const reply = (message: FileReply) => parentPort!.postMessage(message)

function done(request: FileRequest, database: Database): void {
  if (request.type === 'close') return database.close()
  database.write(JSON.parse(request.changes) as StoreChanges)
}

let database: Database | undefined
try {
  const opened = new Database(path)
  database = opened
  reply({ type: 'opened', saved: opened.load() })
  parentPort!.on('message', (request: FileRequest) => {
    try {
      done(request, opened)
      reply({ type: 'done' })
      // With nobody to hear from, the thread ends.
      if (request.type === 'close') parentPort!.close()
    } catch (error) {
      reply({ type: 'failed', error })
    }
  })
} catch (error) {
  database?.close()
  reply({ type: 'failed', error })
}
