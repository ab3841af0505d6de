import { createHash } from 'node:crypto'
import { lru } from '../structures/lru.ts'
import type { Segment } from '../call/host.ts'

const MOST = 1_000

interface Seen {
  readonly digests: readonly string[]
  /** Positions of which it was told already. */
  readonly told: ReadonlySet<number>
}

/** Remembers how the prompts of a kind began, and notices where they begin to differ. */
export class Prefixes {
  readonly #seen = lru<Seen>(MOST)

  /** The first position at which this prompt's tools or instructions are others than the last one's, told once for each. */
  changed(kind: string, segments: readonly Segment[]): number | undefined {
    const firstOther = segments.findIndex(({ role }) => role !== 'system')
    const prefix = firstOther === -1 ? segments : segments.slice(0, firstOther)
    const digests = prefix.map(({ text }) => createHash('sha256').update(text).digest('base64'))
    const before = this.#seen.get(kind)
    const differs = before?.digests.findIndex((digest, index) => digest !== digests[index]) ?? -1
    const isNew = differs !== -1 && before?.told.has(differs) === false
    const told = new Set(before?.told)
    if (isNew) told.add(differs)
    this.#seen.set(kind, { digests, told })
    return isNew ? differs : undefined
  }
}
