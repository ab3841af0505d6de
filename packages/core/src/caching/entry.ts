import * as v from 'valibot'
import type { Finish } from '../call/host.ts'

/** An answer as it is kept. */
export interface Entry {
  /** Unix time at which it was given. */
  readonly at: number
  /** What answered. */
  readonly target: string
  readonly finish: Finish | undefined
  /** As the host has encoded it. */
  readonly data: unknown
}

/** Raised when the shape changes: what an older version has written is then no entry. */
const VERSION = 1
const FINISHES = ['stop', 'tool-calls'] as const
const envelope = v.strictObject({
  v: v.literal(VERSION),
  at: v.pipe(v.number(), v.finite()),
  target: v.string(),
  finish: v.optional(v.picklist(FINISHES)),
  data: v.unknown(),
})

/** @throws {TypeError} for what JSON cannot hold */
export function written({ at, target, finish, data }: Entry): string {
  return JSON.stringify({ v: VERSION, at, target, ...(finish === undefined ? {} : { finish }), data })
}

/** The entry that was written, or `undefined` for anything else: others write to a shared store too. */
export function read(text: unknown): Entry | undefined {
  if (typeof text !== 'string') return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  const result = v.safeParse(envelope, parsed)
  if (!result.success || result.output.data === undefined) return undefined
  const { at, target, finish, data } = result.output
  return { at, target, finish, data }
}
