import { BUILT_IN } from './built-in.ts'

/** Providers whose names are known, and nothing more: they count as whoever else. */
const NAMES_ONLY = ['perplexity', 'cerebras', 'deepinfra', 'ollama', 'gateway']

/** Every name of a provider that we know, folded, and our id for it. */
const IDS: ReadonlyMap<string, string> = new Map([
  ...BUILT_IN.flatMap(({ id, data }) => [id, ...(data.aliases ?? [])].map((name) => [name, id] as const)),
  ...NAMES_ONLY.map((name) => [name, name] as const),
])

const KNOWN: ReadonlySet<string> = new Set(IDS.values())

/** A name as names are compared: toolkits differ in case, and in `.`, `_` or `-`. */
export function folded(name: string): string {
  return name.toLowerCase().replace(/[._ ]/g, '-')
}

/** Clouds that serve other houses' models: the first part of the name says who counts and who is paid. */
const CLOUD = /^(?:google[.-])?(vertex|(?:amazon-)?bedrock)\./

/** What toolkits append to say which of a provider's APIs is meant. */
const API =
  /\.(?:chat|responses|messages|completions?|embeddings?|text-?embedding|image|speech|transcription|rerank(?:ing)?|realtime|batch|language-?model)$/i

const LONGEST_NAME = 128
// oxlint-disable-next-line no-control-regex -- control characters are just what is looked for
const CONTROL = /[\u0000-\u001f\u007f\s]+/g

/**
 * One id for a provider, whichever toolkit names it: `openai.responses` (AI SDK), `google_genai` (LangChain's
 * `ls_provider`), `gcp.vertex_ai` (OpenTelemetry). A name that is not known is kept, less its API's suffix:
 * `my-vllm.chat` becomes `my-vllm`. Never throws; what is no name at all becomes `unknown`.
 */
export function providerId(name: string): string {
  if (typeof name !== 'string') return 'unknown'
  const kept = name.slice(0, LONGEST_NAME).replace(CONTROL, ' ').trim().replace(API, '')
  if (kept === '') return 'unknown'
  const lower = kept.toLowerCase()
  const cloud = CLOUD.exec(`${lower}.`)?.[1]
  if (cloud !== undefined) return cloud.replace('amazon-', '')
  return IDS.get(folded(kept)) ?? kept
}

/** Whether this is an id of a provider whose name we know; `generic` is one that may be asked for by name. */
export function isKnownProvider(id: string): boolean {
  return KNOWN.has(id)
}
