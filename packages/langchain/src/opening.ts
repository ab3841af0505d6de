import { AsyncLocalStorage } from 'node:async_hooks'

/** One attempt while it waits for its provider: where a fetch of ours leaves what it learns of the answer. */
export interface Opening {
  readonly target: string
  readonly model: string | undefined
  headers: Readonly<Record<string, string>> | undefined
  over: boolean
}

const openings = new AsyncLocalStorage<Opening>()

export function currentOpening(): Opening | undefined {
  return openings.getStore()
}

/** Opens an answer, and hands on the headers that were seen meanwhile. */
export async function opened<T>(
  of: Pick<Opening, 'target' | 'model'>,
  open: () => Promise<T>,
): Promise<{ value: T; headers?: Readonly<Record<string, string>> }> {
  const opening: Opening = { ...of, headers: undefined, over: false }
  try {
    const value = await openings.run(opening, open)
    return opening.headers === undefined ? { value } : { value, headers: opening.headers }
  } finally {
    opening.over = true
  }
}
