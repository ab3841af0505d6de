import { Validator } from '@cfworker/json-schema'
import type { Schema } from '@cfworker/json-schema'
import type { AskedObject } from '../call/host.ts'

/**
 * Whether the text is an object as it was asked for.
 *
 * @throws for a schema that is none
 */
export function isValid({ schema, text }: AskedObject): boolean {
  let object: unknown
  try {
    object = JSON.parse(text)
  } catch {
    return false
  }
  if (typeof schema !== 'object' || schema === null) return true
  return new Validator(schema as Schema, '7').validate(object).valid
}
