import type { SharedV4FileData } from '@ai-sdk/provider'

/** What OpenAI charges for an image of 1024 x 1024 at high detail; other providers are near. */
const IMAGE_TOKENS = 765
/** A PDF of two pages, or a minute or two of speech. Too little for more of it: the usage then corrects it. */
const OTHER_TOKENS = 3_000
const BYTES_PER_TOKEN = 4

const TEXT_TYPE = /^(?:text\b|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|javascript|sql)\b)/

/** About how many tokens a file takes: what is text by its length, the rest by flat numbers. */
export function fileTokens({ mediaType, data }: { mediaType: string; data: SharedV4FileData }): number {
  const bytes = data.type === 'text' || TEXT_TYPE.test(mediaType) ? textBytes(data) : undefined
  if (bytes !== undefined) return Math.ceil(bytes / BYTES_PER_TOKEN)
  return mediaType.startsWith('image') ? IMAGE_TOKENS : OTHER_TOKENS
}

/** `undefined` for what lies elsewhere. */
function textBytes(data: SharedV4FileData): number | undefined {
  if (data.type === 'text') return data.text.length
  if (data.type !== 'data') return undefined
  return typeof data.data === 'string' ? (data.data.length * 3) / 4 : data.data.byteLength
}
