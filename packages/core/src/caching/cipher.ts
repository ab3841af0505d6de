import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const PREFIX = 'aes256gcm:'

/** Turns what is written to a store into what nobody else can read, and back. */
export interface Cipher {
  encrypt(text: string, key: string): string
  /** `undefined` for what was not encrypted by it under this key. */
  decrypt(sealed: string, key: string): string | undefined
}

/** An entry is bound to its key: one that somebody moves to another is none there. */
export function cipherOf(secret: Uint8Array): Cipher {
  return {
    encrypt(text, key) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, secret, nonce).setAAD(Buffer.from(key))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
    },
    decrypt(sealed, key) {
      if (!sealed.startsWith(PREFIX)) return undefined
      try {
        const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64')
        const nonce = bytes.subarray(0, NONCE_BYTES)
        const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
        const decipher = createDecipheriv(ALGORITHM, secret, nonce, { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(key))
          .setAuthTag(tag)
        return (
          decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
        )
      } catch {
        return undefined
      }
    },
  }
}

export const NO_CIPHER: Cipher = { encrypt: (text) => text, decrypt: (text) => text }
