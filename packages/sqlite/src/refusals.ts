/** SQLite's own words for what went wrong, by the lower byte of its code. */
const BUSY = 5
const LOCKED = 6
const CORRUPT = 11
const NOT_A_DATABASE = 26

/** Why a file could not be opened, and what mends it. */
export function refusal(path: string, cause: unknown): Error {
  if (cause instanceof Refusal) return cause
  const code = codeOf(cause)
  if (code === BUSY || code === LOCKED) return new Refusal(inUse(path), { cause })
  if (code === NOT_A_DATABASE) return foreign(path, cause)
  if (code === CORRUPT || cause instanceof SyntaxError) return damaged(path, cause)
  return new Refusal(
    `The store in ${path} cannot be opened to be written to (${messageOf(cause)}). Its folder must exist and this ` +
      'process be able to write there: SQLite keeps a `-wal` file beside it.',
    { cause },
  )
}

export function foreign(path: string, cause?: unknown): Error {
  return new Refusal(
    `${path} is a file of something else, and is left as it is. Give the store another path.`,
    {
      cause,
    },
  )
}

export function damaged(path: string, cause: unknown): Error {
  return new Refusal(
    `The store in ${path} is damaged (${messageOf(cause)}). Put back a copy, or remove it and its \`-wal\` file: ` +
      'limits and budgets then begin anew.',
    { cause },
  )
}

export function newer(path: string, layout: number, known: number): Error {
  return new Refusal(
    `The store in ${path} was written by a newer @plimsoll/sqlite (layout ${layout}; this one knows ${known}). ` +
      'Update this one, or give it another path.',
  )
}

/** In mid-run. */
export function unwritable(path: string, cause: unknown): Error {
  return new Error(
    `The store in ${path} cannot be written to (${messageOf(cause)}): it goes on in memory, and tries again every ` +
      'second. Make room on the disk; what this process has counted since is lost should it end before.',
    { cause },
  )
}

function inUse(path: string): string {
  return (
    `The store in ${path} is in use, by another process or by another \`fileStore\` of this one. One at a time may have ` +
    'it: give each a path of its own, or share limits over processes with @plimsoll/redis.'
  )
}

/** Says already what there is to say. */
class Refusal extends Error {}

function codeOf(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s+/g, ' ')
}
