import { DatabaseSync } from 'node:sqlite'
import type { SavedBucket, SavedReservation, SavedStore, StoreChanges } from '@plimsoll/core/store'
import { damaged, foreign, newer, refusal } from './refusals.ts'

/** `PLIM`: what SQLite files of ours are known by. */
const APPLICATION = 0x50_4c_49_4d
/** Raised when what is in it is not what an older version would understand. */
const LAYOUT = 1
/** Whoever ends and whoever begins may overlap. */
const WAIT_MS = 1_000

const TABLES = `
  CREATE TABLE buckets (id INTEGER PRIMARY KEY, bucket TEXT NOT NULL, state TEXT NOT NULL);
  CREATE TABLE reservations (id INTEGER PRIMARY KEY, state TEXT NOT NULL);
  CREATE TABLE clock (at REAL NOT NULL);
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${LAYOUT};
`

/**
 * The file: a row for each bucket and each reservation, as JSON. Locked for as long as it is open, by a lock that ends with
 * the process, however that ends.
 *
 * @throws {Error} that says what is in the way, and what mends it
 */
export class Database {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #statements: ReturnType<typeof statementsOf>

  constructor(path: string) {
    this.#path = path
    let db: DatabaseSync | undefined
    try {
      db = new DatabaseSync(path, { timeout: WAIT_MS })
      prepare(db, path)
      this.#statements = statementsOf(db)
    } catch (error) {
      db?.close()
      throw refusal(path, error)
    }
    this.#db = db
  }

  load(): SavedStore {
    try {
      const { rows, reservations, clock } = this.#statements
      const { at } = clock.get() ?? {}
      return {
        at: at as number | undefined,
        buckets: rows.all().map(({ id, bucket, state }) => ({
          id: id as number,
          bucket: JSON.parse(bucket as string) as NonNullable<SavedBucket['bucket']>,
          state: JSON.parse(state as string) as SavedBucket['state'],
        })),
        reservations: reservations.all().map(({ state }) => JSON.parse(state as string) as SavedReservation),
      }
    } catch (error) {
      throw refusal(this.#path, error)
    }
  }

  /** All of it, or nothing. @throws {Error} SQLite's */
  write({ at, buckets, forgotten, reservations, ended }: StoreChanges): void {
    const { define, change, forget, hold, end, tell } = this.#statements
    this.#db.exec('BEGIN')
    try {
      for (const { id, bucket, state } of buckets) {
        const text = JSON.stringify(state)
        if (bucket === undefined) change.run(text, id)
        else define.run(id, JSON.stringify(bucket), text)
      }
      for (const id of forgotten) forget.run(id)
      for (const one of reservations) hold.run(one.id, JSON.stringify(one))
      for (const id of ended) end.run(id)
      tell.run(at)
      this.#db.exec('COMMIT')
    } catch (error) {
      // Some errors have rolled it back already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  /** What was written beside it is moved into it. */
  close(): void {
    this.#db.close()
  }
}

function prepare(db: DatabaseSync, path: string): void {
  // From the first look on: who looks and then locks may find it changed. Without others no memory is shared for them.
  db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE')
  const isNew = isEmpty(db, path)
  if (isNew) db.exec(TABLES)
  db.exec('COMMIT')
  // Written to disk when it is moved from the log, not with each commit: a power cut may lose the last seconds, the end of
  // a process nothing. To wait for the disk each time would keep it busy some hundred times a second.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  if (isNew) return
  const [row] = db.prepare('PRAGMA quick_check(1)').all()
  const found = Object.values(row ?? {})[0]
  if (found !== 'ok') throw damaged(path, found)
}

function isEmpty(db: DatabaseSync, path: string): boolean {
  const numberOf = (sql: string) => Object.values(db.prepare(sql).get()!)[0] as number
  const application = numberOf('PRAGMA application_id')
  const layout = numberOf('PRAGMA user_version')
  if (application === 0 && layout === 0 && numberOf('SELECT count(*) FROM sqlite_master') === 0) return true
  if (application !== APPLICATION) throw foreign(path)
  if (layout > LAYOUT) throw newer(path, layout, LAYOUT)
  return false
}

function statementsOf(db: DatabaseSync) {
  return {
    rows: db.prepare('SELECT id, bucket, state FROM buckets ORDER BY id'),
    reservations: db.prepare('SELECT state FROM reservations ORDER BY id'),
    clock: db.prepare('SELECT at FROM clock'),
    define: db.prepare('INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)'),
    change: db.prepare('UPDATE buckets SET state = ? WHERE id = ?'),
    forget: db.prepare('DELETE FROM buckets WHERE id = ?'),
    hold: db.prepare('INSERT OR REPLACE INTO reservations VALUES (?, ?)'),
    end: db.prepare('DELETE FROM reservations WHERE id = ?'),
    tell: db.prepare('INSERT OR REPLACE INTO clock (rowid, at) VALUES (1, ?)'),
  }
}
