/** Names under which toolkits know a provider, in lower case with `-` for `.`, `_` and blanks, where they differ from ours. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['chat-openai', 'openai'],
  ['azure-openai', 'azure'],
  ['azure-ai-openai', 'azure'],
  ['claude', 'anthropic'],
  ['google-generative-ai', 'google'],
  ['google-genai', 'google'],
  ['googlegenerativeai', 'google'],
  ['gemini', 'google'],
  ['gcp-gemini', 'google'],
  ['google-vertex', 'vertex'],
  ['google-vertexai', 'vertex'],
  ['google-vertex-ai', 'vertex'],
  ['vertexai', 'vertex'],
  ['vertex-ai', 'vertex'],
  ['gcp-vertex-ai', 'vertex'],
  ['amazon-bedrock', 'bedrock'],
  ['aws-bedrock', 'bedrock'],
  ['bedrock-converse', 'bedrock'],
  ['mistralai', 'mistral'],
  ['mistral-ai', 'mistral'],
  ['x-ai', 'xai'],
  ['together', 'togetherai'],
  ['together-ai', 'togetherai'],
  ['fireworks-ai', 'fireworks'],
])

/** Ids of ours, in whatever case a toolkit writes them. */
const KNOWN: ReadonlySet<string> = new Set([
  ...ALIASES.values(),
  'groq',
  'deepseek',
  'openrouter',
  'cohere',
  'perplexity',
  'cerebras',
  'deepinfra',
  'ollama',
  'gateway',
])

/** Clouds that serve other houses' models: the first part of the name says who counts and who is paid. */
const CLOUD = /^(?:google[.-])?(vertex|(?:amazon-)?bedrock)\./

/** What toolkits append to say which of a provider's APIs is meant. */
const API =
  /\.(?:chat|responses|messages|completions?|embeddings?|text-?embedding|image|speech|transcription|rerank(?:ing)?|realtime|batch|language-?model)$/

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
  const folded = lower.replace(/[._ ]/g, '-')
  return ALIASES.get(folded) ?? (KNOWN.has(folded) ? folded : kept)
}

/** Whether this is an id of a provider whose name we know; `generic` is one that may be asked for by name. */
export function isKnownProvider(id: string): boolean {
  return id === 'generic' || KNOWN.has(id)
}
