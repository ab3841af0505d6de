import { isFields } from '../checks.ts'

/** What the last user message asks of the fake: markers that a demo or a test puts there to shape the answer. */
export interface Steering {
  /** `[[tokens=120]]`: the answer's length. */
  tokens?: number
  /** `[[tool=NAME {"a":1}]]`: answer by calling this tool. */
  tool?: { name: string; arguments: string } | undefined
}

const TOKENS = /\[\[tokens=(\d{1,7})\]\]/
const TOOL = /\[\[tool=([\w.-]+)\s*(\{.*?\})?\]\]/s

export function readSteering(text: string): Steering {
  if (!text.includes('[[')) return {}
  const steering: Steering = {}
  const tokens = TOKENS.exec(text)?.[1]
  if (tokens) steering.tokens = Math.max(1, Number(tokens))
  const tool = TOOL.exec(text)
  if (tool?.[1]) steering.tool = { name: tool[1], arguments: cleanArguments(tool[2]) }
  return steering
}

/** Arguments that are no JSON object become an empty one: a real model's are always JSON of some sort. */
function cleanArguments(text: string | undefined): string {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}')
    return isFields(parsed) ? JSON.stringify(parsed) : '{}'
  } catch {
    return '{}'
  }
}
