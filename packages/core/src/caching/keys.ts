import { createHmac } from 'node:crypto'
import canonicalize from 'canonicalize'
import { toPlain } from './plain.ts'

/** Whose entries these are, of all whose tenants share them. */
export const SHARED = 'shared'
/** Everybody's. */
export const ALL = 'all'

const DIGITS = 22

/** Makes keys that say nothing of what they stand for to whoever does not have the secret. */
export class Keys {
  readonly #secret: string | Uint8Array

  constructor(secret: string | Uint8Array) {
    this.#secret = secret
  }

  /** Of a tenant's entries; all calls without a tenant are one. */
  holder(tenant: string | undefined): string {
    return this.#hmac(`tenant:${JSON.stringify(tenant ?? null)}`).slice(0, DIGITS)
  }

  /**
   * The same for data that is the same in whatever order its fields stand (RFC 8785), and for no other.
   *
   * @throws for what has no canonical form
   */
  of(data: unknown): string {
    const text = canonicalize(toPlain(data))
    if (text === undefined) throw new TypeError('There is nothing to make a key of.')
    return this.#hmac(`entry:${text}`)
  }

  #hmac(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url')
  }
}
