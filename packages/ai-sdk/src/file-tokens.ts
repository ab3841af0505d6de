import type { FileData, OutputItem } from './versions.ts'

/** What OpenAI charges for an image of 1024 x 1024 at high detail; other providers are near. */
const IMAGE_TOKENS = 765
/** A PDF of two pages, or a minute or two of speech. Too little for more of it: the usage then corrects it. */
const OTHER_TOKENS = 3_000
const BYTES_PER_TOKEN = 4

const TEXT_TYPE = /^(?:text\b|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|javascript|sql)\b)/

/** About how many tokens a file takes: what is text by its length, the rest by flat numbers. */
export function fileTokens({ mediaType, data }: { mediaType: string; data: FileData }): number {
  const isText = TEXT_TYPE.test(mediaType) || (isTagged(data) && data.type === 'text')
  const bytes = isText ? textBytes(data) : undefined
  if (bytes !== undefined) return Math.ceil(bytes / BYTES_PER_TOKEN)
  return mediaType.startsWith('image') ? IMAGE_TOKENS : OTHER_TOKENS
}

/** The same of one item in the output of a tool; 0 for what is no file. */
export function outputFileTokens(item: OutputItem): number {
  switch (item.type) {
    case 'file':
    case 'file-data':
    case 'image-data':
      return fileTokens(item)
    case 'file-url':
    case 'file-id':
      return OTHER_TOKENS
    case 'image-url':
    case 'image-file-id':
      return IMAGE_TOKENS
    default:
      return 0
  }
}

type Tagged = Exclude<FileData, string | Uint8Array | URL>

function isTagged(data: FileData): data is Tagged {
  return typeof data === 'object' && 'type' in data
}

/** `undefined` for what lies elsewhere. */
function textBytes(data: FileData): number | undefined {
  if (data instanceof URL) return undefined
  if (typeof data === 'string') return (data.length * 3) / 4
  if (data instanceof Uint8Array) return data.byteLength
  if (data.type === 'text') return data.text.length
  return data.type === 'data' ? textBytes(data.data) : undefined
}
