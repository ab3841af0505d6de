import { createEncoder, type Encoder } from './encoder.ts'
import type { Encoding } from './encoding.ts'
import { loadTable } from './load-table.ts'
import type { RankTable } from './rank-table.ts'
import { nextTurn } from './workers.ts'

/** An encoding's exact counter, on its way. */
export interface Ranks {
  /** Absent until the ranks are here, and for good where they cannot be loaded. */
  readonly encoder: Encoder | undefined
  /**
   * Resolves with whether they are here. The loading itself does not keep the process alive; asking does.
   * Never rejects.
   */
  ready(): Promise<boolean>
}

const known = new Map<Encoding, Ranks>()

/**
 * The ranks of an encoding. The first to ask in a process has a worker read them, so that the main thread is held for a
 * millisecond or two at most. Without workers, or without the rank file, they never come, and whoever asked goes on
 * without.
 */
export function ranksOf(encoding: Encoding): Ranks {
  let ranks = known.get(encoding)
  if (ranks === undefined) {
    ranks = load(encoding)
    known.set(encoding, ranks)
  }
  return ranks
}

function load(encoding: Encoding): Ranks {
  let encoder: Encoder | undefined
  const { table, ref } = loadTable(encoding)
  const loaded = table.then(prepare).then(
    (prepared) => {
      encoder = prepared
      return true
    },
    () => false,
  )
  return {
    get encoder() {
      return encoder
    },
    ready() {
      ref()
      return loaded
    },
  }
}

/** A bit of everything: letters, digits, signs, blanks, long words, other scripts, pictures. */
const WARM_UP = `It's 7: {"load": 12345.678, 'unladen'}\n\tназад 満載喫水線は、 \u{1f6a2}\u{1f468}\u200d\u{1f4bb} ${'aZ'.repeat(48)}${'\u4e2d\u6587'.repeat(24)}`
const WARM_UP_TURNS = 96

/**
 * New code is interpreted, and takes many times as long, until it has run for a while. It does so here, in each turn of
 * the event loop a little more, rather than all at once in somebody's call.
 */
async function prepare(table: RankTable): Promise<Encoder> {
  await nextTurn()
  const encoder = createEncoder(table)
  for (let turn = 1; turn <= WARM_UP_TURNS; turn++) {
    await nextTurn()
    encoder.count(WARM_UP.slice(0, Math.ceil((turn / WARM_UP_TURNS) * WARM_UP.length)))
  }
  return encoder
}
