import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CORE, sources } from './sources.ts'

/** What a meter is made of and does not save, and why that is right. */
const NOT_SAVED: Readonly<Record<string, readonly string[]>> = {
  // The bucket is saved beside it, and says whether it is of slots; who waits does not outlive the process.
  'meter.ts': ['bucket', 'isSlots', 'claims'],
  // Follows from the bucket. Peaks are for refunds of charges whose process is gone.
  'token-bucket.ts': ['#rate', '#peaks'],
  // Follow from the bucket. What the slots hold goes in and out by `#at` and `#add`.
  'sliding-window.ts': ['#slotMs', '#kept', '#slots'],
}

const FIELD = /^ {2}(?:(?:readonly|private|protected) )*(#?\w+)(?:\??: [^=()\n]+)?(?: = .+)?$/gm
const meters = sources(join(CORE, 'store')).filter(({ code }) => /^ {2}(?:override )?save\(/m.test(code))

/** From the first line of a method to its closing brace. */
function bodyOf(code: string, method: string): string {
  return new RegExp(`^ {2}(?:override )?${method}\\(.*?^ {2}\\}$`, 'ms').exec(code)?.[0] ?? ''
}

function fieldsOf(code: string): string[] {
  const ofClass = code.slice(code.search(/^export (?:abstract )?class /m))
  return [...ofClass.matchAll(FIELD)].map(([, name]) => name!)
}

function isNamed(field: string, body: string): boolean {
  return new RegExp(`this\\.${field}\\b`).test(body)
}

describe('what a meter is made of', () => {
  it('is looked for in every kind of meter', () => {
    expect(meters.map(({ file }) => file).toSorted()).toEqual(
      'fixed-window lows meter pace quota sliding-window slots token-bucket window-meter'
        .split(' ')
        .map((name) => `${name}.ts`),
    )
    expect(meters.flatMap(({ code }) => fieldsOf(code)).length).toBeGreaterThan(25)
  })

  it.each(meters)('is saved, every field of it, and made again: $file', ({ file, code }) => {
    const restored = bodyOf(code, 'restore') || bodyOf(code, 'constructor')
    const missed = fieldsOf(code)
      .filter((field) => !isNamed(field, bodyOf(code, 'save')) || !isNamed(field, restored))
      .filter((field) => NOT_SAVED[file]?.includes(field) !== true)
    expect(missed).toEqual([])
  })
})
