import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { cipherOf } from './cipher.ts'

const cipher = cipherOf(randomBytes(32))

describe('what is encrypted', () => {
  const sealed = cipher.encrypt('a secret ü', 'key')

  it('is read with the same secret, under the same key', () => {
    expect(cipher.decrypt(sealed, 'key')).toBe('a secret ü')
    expect(sealed).not.toContain('secret')
    expect(cipher.encrypt('a secret ü', 'key')).not.toBe(sealed)
  })

  it.each([
    ['with another secret', () => cipherOf(randomBytes(32)).decrypt(sealed, 'key')],
    ['under another key', () => cipher.decrypt(sealed, 'other')],
    ['when it was changed', () => cipher.decrypt(`${sealed.slice(0, -6)}AAAA${sealed.slice(-2)}`, 'key')],
    ['when it was cut', () => cipher.decrypt(sealed.slice(0, 20), 'key')],
    ['when it never was encrypted', () => cipher.decrypt('{"v":1}', 'key')],
  ])('is nothing %s', (_, decrypt) => {
    expect(decrypt()).toBeUndefined()
  })
})
