import type { CutTokens } from '../call/events.ts'
import type { Segment } from '../call/host.ts'

/** How the input may be cut down: the oldest history first, never a tool call from its result, never what is pinned. */
export interface Diet {
  readonly name: string
  /** Of the whole input. What is pinned stays, even where that alone is more. */
  readonly maxInputTokens?: number
  /** Of what was said before, tool calls and their results included. */
  readonly maxHistoryTokens?: number
  /** Of each result of a tool. */
  readonly maxToolResultTokens?: number
  /** Of all documents together; the last go first, as a search puts the best in front. */
  readonly maxDocumentTokens?: number
  /**
   * Sums up the history that is cut, to stand in its place. Ask a cheap model: calls made inside belong to the same
   * tenant, and have no task unless they name one. One that fails leaves the history out.
   */
  readonly summariseBy?: (history: string, options: { readonly signal: AbortSignal }) => PromiseLike<string>
}

export interface Trimming {
  readonly segments: readonly Segment[]
  /** History that was taken out, oldest first. */
  readonly cutHistory: readonly Segment[]
  /** Where the cut history stood, among `segments`. */
  readonly cutAt: number
  readonly cut: CutTokens
}

/** Tokens of one text, or of what is no text. */
export type Count = (segment: Segment) => number

interface Piece {
  readonly segment: Segment
  readonly tokens: number
}

/** The segments that a diet leaves. Each is one of those given, or a shortened `{ ...segment, text }`. */
export function trim(given: readonly Segment[], diet: Diet, count: Count): Trimming {
  const { maxToolResultTokens = Infinity, maxDocumentTokens = Infinity } = diet
  const { maxHistoryTokens = Infinity, maxInputTokens = Infinity } = diet
  const all = given.map((segment) => ({ segment, tokens: count(segment) }))
  const once = withoutRepeats(all)
  const short = once.map((piece) => shortResult(piece, maxToolResultTokens, count))
  const lean = withDocuments(short, maxDocumentTokens, count)
  const pinned = pinnedOf(lean)
  const isHistory = (piece: Piece): boolean => !pinned.has(piece) && !isDocument(piece)
  const history = total(lean.filter(isHistory))
  // What the whole has too much is taken out of the history first.
  const room = Math.min(maxHistoryTokens, history - (total(lean) - maxInputTokens))
  const { dropped } = oldest(lean, isHistory, history - room)
  const left = lean.filter((piece) => !dropped.has(piece))
  const fitting = withDocuments(
    left,
    Math.max(0, total(left.filter(isDocument)) - (total(left) - maxInputTokens)),
    count,
  )
  const cutHistory = lean.filter((piece) => dropped.has(piece))
  return {
    segments: fitting.map(({ segment }) => segment),
    cutHistory: cutHistory.map(({ segment }) => segment),
    cutAt: Math.max(
      0,
      lean.findIndex((piece) => dropped.has(piece)),
    ),
    cut: {
      history: total(cutHistory),
      toolResults: total(once) - total(short),
      documents: total(short.filter(isDocument)) - total(fitting.filter(isDocument)),
      repeated: total(all) - total(once),
    },
  }
}

function total(pieces: readonly Piece[]): number {
  let sum = 0
  for (const { tokens } of pieces) sum += tokens
  return sum
}

function isDocument({ segment: { kind, pinned } }: Piece): boolean {
  return kind === 'document' && pinned !== true
}

/** Instructions and documents that stand there word for word a second time. */
function withoutRepeats(pieces: readonly Piece[]): Piece[] {
  const seen = new Set<string>()
  return pieces.filter(({ segment: { role, kind, text, pairing } }) => {
    const counts = (role === 'system' && kind === 'text') || kind === 'document'
    if (!counts || pairing !== undefined || text === '') return true
    const key = `${kind}\n${text}`
    const isFirst = !seen.has(key)
    seen.add(key)
    return isFirst
  })
}

function shortResult(piece: Piece, most: number, count: Count): Piece {
  const { segment, tokens } = piece
  const isCut = segment.kind === 'tool-result' && segment.pinned !== true && tokens > most
  return isCut ? shortened(piece, most, count) : piece
}

/** In their order, until there is room for no more; the one at the border is shortened. */
function withDocuments(pieces: readonly Piece[], most: number, count: Count): Piece[] {
  let room = most
  return pieces.flatMap((piece) => {
    if (!isDocument(piece)) return [piece]
    if (piece.tokens <= room) {
      room -= piece.tokens
      return [piece]
    }
    const rest = room
    room = 0
    return rest <= MARK_TOKENS ? [] : [shortened(piece, rest, count)]
  })
}

const MARK = '\n[...]'
/** About what the mark itself takes. */
const MARK_TOKENS = 4
const TRIES = 4

/** Its beginning, about so many tokens of it. What is no text has no beginning. */
function shortened({ segment, tokens }: Piece, most: number, count: Count): Piece {
  if (segment.tokens !== undefined && segment.text === '') return { segment, tokens }
  const { tokens: _, ...text } = segment
  let length = segment.text.length
  let now = tokens
  let short: Segment = segment
  for (let again = 0; again < TRIES && now > most; again++) {
    length = Math.floor((length * Math.max(0, most - MARK_TOKENS)) / now)
    short = { ...text, text: `${wellFormed(segment.text.slice(0, length))}${MARK}` }
    now = count(short)
  }
  // What says that it was cut may be longer than what was cut.
  return now < tokens ? { segment: short, tokens: now } : { segment, tokens }
}

/** Half of a character at its end is left out. */
function wellFormed(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd8_00 && last <= 0xdb_ff ? text.slice(0, -1) : text
}

/** What is never taken out: what says so, the frame of a request, and what is paired with either. */
function pinnedOf(pieces: readonly Piece[]): ReadonlySet<Piece> {
  const pairings = new Set<string>()
  const isPinned = ({ segment: { role, kind, pinned } }: Piece): boolean =>
    pinned === true || role === 'system' || kind === 'tools' || kind === 'schema'
  for (const piece of pieces) {
    if (isPinned(piece) && piece.segment.pairing !== undefined) pairings.add(piece.segment.pairing)
  }
  return new Set(
    pieces.filter(
      (piece) =>
        isPinned(piece) || (piece.segment.pairing !== undefined && pairings.has(piece.segment.pairing)),
    ),
  )
}

/**
 * The oldest history, at least so many tokens of it. It goes turn by turn: providers want a question before an answer,
 * and each call of a tool with its result. The step that is under way stays.
 */
function oldest(
  pieces: readonly Piece[],
  isHistory: (piece: Piece) => boolean,
  tokens: number,
): { dropped: ReadonlySet<Piece> } {
  const dropped = new Set<Piece>()
  let left = tokens
  for (const turn of turnsOf(pieces, isHistory)) {
    if (left <= 0) break
    for (const piece of turn) dropped.add(piece)
    left -= total(turn)
  }
  return { dropped }
}

/** History in stretches that make sense without what is before them, oldest first. */
function turnsOf(pieces: readonly Piece[], isHistory: (piece: Piece) => boolean): Piece[][] {
  const turns: Piece[][] = []
  const turnOf = new Map<string, Piece[]>()
  const question = pieces.findLastIndex(({ segment }) => segment.role === 'user')
  let before: Segment['role'] | undefined
  for (const [index, piece] of pieces.entries()) {
    const { role, pairing } = piece.segment
    const begins =
      index < question ? role === 'user' && before !== 'user' : role === 'assistant' && before !== 'assistant'
    before = role
    if (!isHistory(piece)) continue
    const paired = pairing === undefined ? undefined : turnOf.get(pairing)
    const turn = paired ?? (begins || turns.length === 0 ? undefined : turns.at(-1)) ?? []
    if (turn.length === 0) turns.push(turn)
    turn.push(piece)
    if (pairing !== undefined) turnOf.set(pairing, turn)
  }
  // What the model has just asked a tool for it would only ask for again.
  const last = turns.at(-1)
  const isUnderWay = last !== undefined && pieces.indexOf(last.at(-1)!) > question && question >= 0
  return isUnderWay ? turns.slice(0, -1) : turns
}
