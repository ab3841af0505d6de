import { PlimsollError } from '../call/errors.ts'
import type { Segment } from '../call/host.ts'
import { estimateByClasses } from './classes.ts'
import { type Encoding, encodingOf } from './encoding.ts'
import { exactPart } from './exact-part.ts'
import { KnownCounts } from './known-counts.ts'
import { type Ranks, ranksOf } from './ranks.ts'
import { sampledRatio, type SamplePlan } from './sample.ts'

/** Counts the tokens of an input before it is sent. Whole numbers; never below what was counted. */
export interface Estimator {
  /** Tokens of a text alone. Synchronous, and a matter of milliseconds however long the text. */
  estimate(text: string, model: string): number
  /**
   * Tokens of a whole input: its texts, what is said of parts that are no text, and what a chat adds around messages.
   *
   * @throws {PlimsollError} `invalid-call` when a segment's `tokens` is no count
   */
  segments(segments: readonly Segment[], model: string): number
  /**
   * Loads the model's encoding and resolves with whether counts are exact from now on. Nobody has to ask: the first
   * estimate loads it too, and goes by character classes meanwhile. Never rejects.
   */
  ready(model: string): Promise<boolean>
}

/** What one estimate of a long input may take. */
interface Effort {
  /** Counted exactly, and remembered. */
  readonly stretch: number
  /** Counted of what is not: 3 % above on average, 6 % at the 95th percentile, and seldom below. */
  readonly samples: SamplePlan
  /** Character classes cost 4 ns a character: an input longer than these samples together is sampled for them too. */
  readonly classes: SamplePlan
}

const EFFORT: Effort = {
  stretch: 4_096,
  samples: { samples: 16, size: 256 },
  classes: { samples: 128, size: 1_024 },
}
/** New code is slow: the first long inputs of a process are looked at less closely. */
const AT_FIRST: Effort = {
  stretch: 512,
  samples: { samples: 16, size: 96 },
  classes: { samples: 32, size: 256 },
}
const FIRST = 16

/** What OpenAI's chat format adds: a frame around each message, and the start of the answer. */
const PER_MESSAGE = 4
const PER_REPLY = 3

/** Beyond any context window: a larger count is a mistake, and would poison every budget it touched. */
const MOST_TOKENS = 1_000_000_000

export function createEstimator(load: (encoding: Encoding) => Ranks = ranksOf): Estimator {
  let sampled = 0
  const knownBy = new Map<Encoding, KnownCounts>()

  function knownOf(encoding: Encoding): KnownCounts {
    let known = knownBy.get(encoding)
    if (known === undefined) knownBy.set(encoding, (known = new KnownCounts()))
    return known
  }

  function tokensOf(texts: readonly string[], model: string): number {
    // Nothing is loaded for nothing.
    if (lengthOf(texts) === 0) return 0
    const encoding = encodingOf(model)
    const { encoder } = load(encoding)
    const classes = (text: string) => estimateByClasses(text, encoding)
    const effort = sampled < FIRST ? AT_FIRST : EFFORT
    if (encoder === undefined) return Math.ceil(byClasses(texts, effort.classes, classes))
    const { tokens, rest } = exactPart(texts, encoder, knownOf(encoding), effort.stretch)
    if (rest.length === 0) return tokens
    // Scaled by what the classes say of the whole, and not by its length: parts that hold more tokens than others then
    // weigh as much as they should, sampled or not.
    const ratio = sampledRatio(rest, lengthOf(rest), effort.samples, encoder.count, classes)
    return tokens + Math.ceil(byClasses(rest, effort.classes, classes) * ratio)
  }

  function byClasses(texts: readonly string[], plan: SamplePlan, classes: (text: string) => number): number {
    const length = lengthOf(texts)
    if (length > plan.samples * plan.size) {
      sampled++
      return length * sampledRatio(texts, length, plan, classes, (text) => text.length)
    }
    let total = 0
    for (const text of texts) total += classes(text)
    return total
  }

  return {
    estimate: (text, model) => tokensOf([text], model),
    segments(segments, model) {
      const texts: string[] = []
      let total = segments.length === 0 ? 0 : PER_REPLY
      let role: Segment['role'] | undefined
      for (const [index, segment] of segments.entries()) {
        if (segment.role !== role) total += PER_MESSAGE
        role = segment.role
        if (segment.tokens === undefined) texts.push(segment.text)
        else total += checkTokens(segment.tokens, index)
      }
      return total + tokensOf(texts, model)
    },
    ready: (model) => load(encodingOf(model)).ready(),
  }
}

function lengthOf(texts: readonly string[]): number {
  let length = 0
  for (const text of texts) length += text.length
  return length
}

function checkTokens(tokens: number, index: number): number {
  if (Number.isFinite(tokens) && tokens >= 0 && tokens <= MOST_TOKENS) return Math.ceil(tokens)
  throw new PlimsollError({
    code: 'invalid-call',
    message: `\`segments[${index}].tokens\` is ${String(tokens)}; use a count from 0 to ${MOST_TOKENS}, or leave it out.`,
  })
}
