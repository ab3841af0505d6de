import { isFields } from '../checks.ts'
import { ApiError } from '../http/api-error.ts'
import type { Caching } from '../prompt/cache-use.ts'
import type { Mark, Prompt } from '../prompt/prompt.ts'

const MOST_MARKS = 4

/** How many blocks before a mark, its own included, may end a prefix that is found. */
const LOOK_BACK = 20

/** What is kept is marked with `cache_control`; what is read may end a little before a mark, as conversations grow. */
export function anthropicCaching({ prefixes }: Prompt): Caching {
  const kept = prefixes.filter(({ mark }) => mark)
  if (kept.length > MOST_MARKS) {
    const message = `A maximum of ${MOST_MARKS} blocks with cache_control may be provided. Found ${kept.length}.`
    throw new ApiError('invalid-request', message)
  }
  const readable = prefixes.filter((_, index) =>
    prefixes.slice(index, index + LOOK_BACK).some(({ mark }) => mark),
  )
  return { readable, kept, step: 1 }
}

/** A block as the model reads it: a mark that moves on does not change it. */
export function unmarked(block: unknown): unknown {
  if (!isFields(block)) return block
  const { cache_control: _, ...read } = block
  return read
}

/** How long the prefix up to the end of this block is to be kept, if it is marked. */
export function markOf(block: unknown): Mark | undefined {
  const control = isFields(block) ? block['cache_control'] : undefined
  if (!isFields(control)) return undefined
  return control['ttl'] === '1h' ? '1h' : '5m'
}
