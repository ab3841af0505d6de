import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SavedBucket, StoreChanges } from '@plimsoll/core/store'
import { describe, expect, it } from 'vitest'
import { Database } from './database.ts'
import { newPath } from './files.fixture.ts'

const STATE = { pending: 10, doubt: 0, used: 3 }
const BUCKET = {
  id: 1,
  bucket: { key: 'tokens', algorithm: 'quota', capacity: 100, perMs: 1_000 },
  state: STATE,
} as const satisfies SavedBucket
const HELD = {
  id: 1,
  open: true,
  buckets: [1],
  amounts: [10],
  leaseUntil: 9,
  counted: false,
  slotsOpen: true,
}

function changes(rest: Partial<StoreChanges>): StoreChanges {
  return { at: 1, buckets: [], forgotten: [], reservations: [], ended: [], ...rest }
}

/** What it says to whoever wants to open it. */
function refusalOf(path: string): string {
  try {
    new Database(path).close()
    return 'opened'
  } catch (error) {
    return (error as Error).message.replaceAll(path, '<path>')
  }
}

describe('a file', () => {
  it('holds nothing at first, and then what was written', () => {
    const path = newPath()
    const first = new Database(path)
    expect(first.load()).toEqual({ at: undefined, buckets: [], reservations: [] })
    first.write(changes({ at: 7, buckets: [BUCKET], reservations: [HELD] }))
    first.write(
      changes({ at: 8, buckets: [{ ...BUCKET, bucket: undefined, state: { ...STATE, pending: 20 } }] }),
    )
    first.close()
    const second = new Database(path)
    expect(second.load()).toEqual({
      at: 8,
      buckets: [{ ...BUCKET, state: { ...STATE, pending: 20 } }],
      reservations: [HELD],
    })
    second.write(changes({ forgotten: [1], ended: [1] }))
    expect(second.load()).toMatchObject({ buckets: [], reservations: [] })
    second.close()
  })

  it('is the same when the same is written twice', () => {
    const database = new Database(newPath())
    for (let times = 0; times < 2; times++)
      database.write(changes({ buckets: [BUCKET], reservations: [HELD], ended: [5], forgotten: [6] }))
    expect(database.load()).toEqual({ at: 1, buckets: [BUCKET], reservations: [HELD] })
    database.close()
  })

  it('takes all of what is written together, or nothing, and goes on', () => {
    const database = new Database(newPath())
    database.write(changes({ buckets: [BUCKET] }))
    const broken = { ...HELD, id: 'none' as unknown as number }
    expect(() => database.write(changes({ forgotten: [1], reservations: [broken] }))).toThrow(/mismatch/)
    expect(database.load().buckets).toEqual([BUCKET])
    database.write(changes({ forgotten: [1] }))
    expect(database.load().buckets).toEqual([])
    database.close()
  })

  it('is no larger for being written to over and over', () => {
    const path = newPath()
    const database = new Database(path)
    const size = () => readFileSync(path).length + readFileSync(`${path}-wal`).length
    const write = (times: number) => {
      for (let at = 0; at < times; at++)
        database.write(changes({ at, buckets: [BUCKET], reservations: [HELD] }))
    }
    write(5_000)
    const before = size()
    write(15_000)
    expect(size()).toBeLessThanOrEqual(before * 1.1)
    database.close()
  })
})

describe('a file that cannot be opened says why, and what mends it', () => {
  it('in use, here or elsewhere', () => {
    const path = newPath()
    const database = new Database(path)
    expect(refusalOf(path)).toMatch(/^The store in <path> is in use.* a path of its own/)
    database.close()
    expect(refusalOf(path)).toBe('opened')
  })

  it("something else's: a text, or a database of others, which stay as they are", () => {
    const text = newPath()
    writeFileSync(text, 'Notes. '.repeat(500))
    expect(refusalOf(text)).toMatch(/^<path> is a file of something else.*another path/)
    expect(readFileSync(text, 'utf8')).toBe('Notes. '.repeat(500))
    const other = newPath()
    const db = new DatabaseSync(other)
    db.exec('CREATE TABLE notes (text)')
    db.close()
    const before = readFileSync(other)
    expect(refusalOf(other)).toMatch(/^<path> is a file of something else/)
    expect(readFileSync(other)).toEqual(before)
  })

  it("a newer version's", () => {
    const path = newPath()
    new Database(path).close()
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 2')
    db.close()
    expect(refusalOf(path)).toMatch(
      /<path> was written by a newer @plimsoll\/sqlite \(layout 2.*Update this one/,
    )
  })

  it('damaged, in its pages or in what they say', () => {
    const path = newPath()
    const database = new Database(path)
    const buckets = Array.from({ length: 500 }, (_, id) => ({ ...BUCKET, id: id + 1 }))
    database.write(changes({ buckets }))
    database.close()
    const bytes = readFileSync(path)
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 4_096), bytes.subarray(4_096).fill(7)]))
    expect(refusalOf(path)).toMatch(/<path> is damaged \(.*Put back a copy, or remove it/)
    const garbled = newPath()
    const whole = new Database(garbled)
    whole.write(changes({ buckets: [BUCKET] }))
    whole.close()
    const db = new DatabaseSync(garbled)
    db.exec("UPDATE buckets SET state = '{'")
    db.close()
    const opened = new Database(garbled)
    expect(() => opened.load()).toThrow(/is damaged/)
    opened.close()
  })

  it('in a folder that is not there, or no file at all', () => {
    expect(refusalOf(`${dirname(newPath())}/no/such.db`)).toMatch(/cannot be opened.*folder must exist/)
    const path = newPath()
    mkdirSync(path)
    expect(refusalOf(path)).toMatch(/cannot be opened/)
    expect(refusalOf('/dev/null/limits.db')).toMatch(/cannot be opened.*be able to write there/)
  })

  it('but opens one that is empty, and a copy that was made while it was closed', () => {
    const path = newPath()
    writeFileSync(path, '')
    expect(refusalOf(path)).toBe('opened')
    copyFileSync(path, `${path}.copy`)
    expect(refusalOf(`${path}.copy`)).toBe('opened')
  })
})
