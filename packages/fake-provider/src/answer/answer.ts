import { countTokens } from '../prompt/tokenizer.ts'
import { lognormal, mix, toUnit } from '../random.ts'
import { words } from './words.ts'

/** Something that is said piece by piece, token by token. */
export interface Answer {
  tokens: number
  /** Whether it ends because it reached the limit on its length. */
  cut: boolean
  /** Set when the pieces are a tool's arguments and not text. */
  tool: { name: string } | undefined
  /** The piece from token `from` up to token `to`. */
  slice(from: number, to: number): string
}

export interface AnswerRequest {
  hash: number
  seed: number
  bias: number
  /** The caller's limit on the length, or the model's own. */
  maxTokens: number
  outputTokens: { median: number; sigma: number }
  steerTokens: number | undefined
  tool: { name: string; arguments: string } | undefined
  /** A body in JSON, written already. */
  json: string | undefined
  /** It is to be of no use, and nothing else about it different. */
  wrong: boolean
}

/** The same request gives the same answer, whatever came before it. */
export function createAnswer(request: AnswerRequest): Answer {
  const { tool, json, wrong } = request
  if (tool) return spell(wrong ? '{}' : tool.arguments, request, tool.name)
  if (json !== undefined) return spell(wrong ? '{}' : json, request, undefined)
  return talk(request)
}

function talk({ hash, seed, bias, maxTokens, outputTokens, steerTokens, wrong }: AnswerRequest): Answer {
  const text = mix(hash, seed)
  const { median, sigma } = outputTokens
  const drawn = lognormal(median, sigma, toUnit(mix(text, 1)), toUnit(mix(text, 2)))
  const wanted = steerTokens ?? Math.max(1, Math.round(drawn))
  const tokens = Math.min(wanted, maxTokens)
  return {
    tokens,
    cut: wanted > maxTokens,
    tool: undefined,
    slice: (from, to) => {
      const said = words(text, Math.round(from / bias), Math.round(to / bias))
      // In place of its first word: of such an answer nothing else tells, its length least of all.
      return wrong && from === 0 ? said.replace(/^\w*/, 'WRONG') : said
    },
  }
}

/** A fixed text, said in as many equal pieces as it has tokens. */
function spell(full: string, { bias, maxTokens }: AnswerRequest, toolName: string | undefined): Answer {
  const wanted = Math.max(1, Math.round(countTokens(full) * bias))
  const tokens = Math.min(wanted, maxTokens)
  const position = (token: number): number => Math.round((token / wanted) * full.length)
  return {
    tokens,
    cut: wanted > maxTokens,
    tool: toolName === undefined ? undefined : { name: toolName },
    slice: (from, to) => full.slice(position(from), position(to)),
  }
}
