/**
 * Writes `text[from..to)` as UTF-8, half surrogate pairs as U+FFFD: as `TextEncoder` does, without a call out of the
 * engine for each of many short stretches.
 *
 * @param bytes - room for three bytes a code unit
 * @returns how many bytes it takes
 */
export function writeUtf8(text: string, from: number, to: number, bytes: Uint8Array): number {
  let length = 0
  for (let index = from; index < to; index++) {
    let code = text.charCodeAt(index)
    if (code < 0x80) {
      bytes[length++] = code
      continue
    }
    if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6)
      bytes[length++] = 0x80 | (code & 0x3f)
      continue
    }
    if (code >= 0xd800 && code < 0xe000) {
      const low = index + 1 < to ? text.charCodeAt(index + 1) : 0
      if (code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
        const point = 0x1_00_00 + ((code & 0x3ff) << 10) + (low & 0x3ff)
        bytes[length++] = 0xf0 | (point >> 18)
        bytes[length++] = 0x80 | ((point >> 12) & 0x3f)
        bytes[length++] = 0x80 | ((point >> 6) & 0x3f)
        bytes[length++] = 0x80 | (point & 0x3f)
        index++
        continue
      }
      code = 0xfffd
    }
    bytes[length++] = 0xe0 | (code >> 12)
    bytes[length++] = 0x80 | ((code >> 6) & 0x3f)
    bytes[length++] = 0x80 | (code & 0x3f)
  }
  return length
}
