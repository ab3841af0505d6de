import type { AnswerTo, Bucket, Level, Op, ReserveOp, StoreWatcher } from '@plimsoll/core'
import { MemoryStore } from '@plimsoll/core/store'
import type { StoreChanges } from '@plimsoll/core/store'
import { virtualClock } from '@plimsoll/core/testing'
import { describe, expect, it } from 'vitest'
import { FileStore } from './file-store.ts'
import { newPath, openHere } from './files.fixture.ts'

const NOON = Date.UTC(2026, 2, 10, 12)
const FULL = new Error('database or disk is full')
const TOKENS: Bucket = {
  key: 'budget:tenant=acme:tokens:month',
  algorithm: 'quota',
  capacity: 1_000,
  perMs: Infinity,
  calendar: { every: 'month', timeZone: 'UTC' },
  forgettable: true,
}

function reserve(id: number, amount: number): ReserveOp {
  const terms = { holder: id, rank: 1, claimable: 0, leaseMs: 60_000, leaves: [0] }
  return { type: 'reserve', id, buckets: [TOKENS], amounts: [amount], ...terms }
}

const settle = (id: number, amount: number): Op => ({ type: 'settle', id, amounts: [amount], refund: true })

/** A store whose file takes as long as its test wants, and fails when it says so. */
function opened(path = newPath()) {
  const clock = virtualClock({ start: NOON })
  const { file, memory, database } = openHere(path, NOON)
  const written: StoreChanges[] = []
  const events: string[] = []
  const tries: number[] = []
  let hold: Promise<void> | undefined
  let isFull = false
  let isWriting = false
  const parts = {
    file: {
      async write(changes: string) {
        tries.push(clock.now() - NOON)
        if (isWriting) throw new Error('Two at once.')
        isWriting = true
        try {
          await hold
          if (isFull) throw FULL
          written.push(JSON.parse(changes))
          await file.write(changes)
        } finally {
          isWriting = false
        }
      },
      close: file.close,
    },
    memory,
    path,
    clock,
  }
  const store = new FileStore(parts)
  const watcher: StoreWatcher = {
    freed: () => {},
    lost: (instead, error) =>
      void events.push(`lost ${instead} ${((error as Error).cause as Error).message}`),
    regained: () => void events.push('regained'),
  }
  store.watch(watcher)
  return {
    path,
    store,
    clock,
    written,
    events,
    tries,
    database,
    /** What it is answered, where it is answered already. */
    send<O extends Op>(op: O): { answer: AnswerTo<O> | undefined } {
      const sent: { answer: AnswerTo<O> | undefined } = { answer: undefined }
      store.send(op, clock.now(), (answer) => {
        if (sent.answer !== undefined) throw new Error('It was answered twice.')
        sent.answer = answer
      })
      return sent
    },
    left(): number {
      let levels: readonly Level[] = []
      store.send({ type: 'peek', buckets: [TOKENS], amounts: [0], leaves: [0] }, clock.now(), (answer) => {
        if (answer.kind === 'levels') levels = answer.levels
      })
      return levels[0]!.available
    },
    async pass(ms: number) {
      await clock.advance(ms)
      await turn()
    },
    full(is: boolean) {
      isFull = is
    },
    /** Writes wait until the returned function is called. */
    slow(): () => Promise<void> {
      let go = (): void => {}
      hold = new Promise((resolve) => {
        go = resolve
      })
      return async () => {
        go()
        hold = undefined
        await turn()
      }
    },
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('a store with a file', () => {
  it('answers what it is asked at once, and acknowledges what it is told when that is on disk', async () => {
    const { send, slow, pass, left, written } = opened()
    const go = slow()
    expect(send(reserve(1, 100)).answer).toEqual({ kind: 'granted' })
    const told = send(settle(1, 70))
    expect([left(), told.answer]).toEqual([930, undefined])
    await pass(10)
    expect([told.answer, written.length]).toEqual([undefined, 0])
    await go()
    expect([told.answer, written.length]).toEqual([{ kind: 'done' }, 1])
  })

  it('writes what comes within five milliseconds together, and one group at a time', async () => {
    const { send, pass, slow, written } = opened()
    for (let id = 1; id <= 100; id++) {
      send(reserve(id, 1))
      if (id % 20 === 0) await pass(1)
    }
    expect(written.length).toBe(1)
    const go = slow()
    const early = send(settle(1, 1))
    await pass(5)
    const late = send(settle(2, 1))
    await pass(50)
    expect([early.answer, late.answer, written.length]).toEqual([undefined, undefined, 1])
    await go()
    expect([early.answer, late.answer, written.length]).toEqual([{ kind: 'done' }, undefined, 2])
    await pass(5)
    expect([late.answer, written.length]).toEqual([{ kind: 'done' }, 3])
  })

  it('writes nothing where nothing has changed, and acknowledges that', async () => {
    const { send, pass, left, written } = opened()
    send(reserve(1, 2_000))
    left()
    const told = send(settle(9, 1))
    await pass(5)
    expect([told.answer, written]).toEqual([{ kind: 'done' }, []])
  })

  it('asks for no more than it was asked: at rest it has no timer', async () => {
    const { send, pass, clock } = opened()
    send(reserve(1, 1))
    await pass(5)
    await pass(5)
    expect(clock.pending).toBe(0)
  })
})

describe('a file that cannot be written to', () => {
  it('is said to be lost, once; what is told fails, and the store goes on in memory', async () => {
    const { send, pass, full, left, events } = opened()
    full(true)
    send(reserve(1, 100))
    const early = send(settle(1, 70))
    await pass(5)
    const late = send(settle(1, 70))
    for (let times = 0; times < 5; times++) await pass(1_000)
    const failure = { kind: 'failure', done: true }
    expect([early.answer, late.answer]).toMatchObject([failure, failure])
    expect([send(reserve(2, 930)).answer?.kind, send(reserve(3, 1)).answer?.kind]).toEqual([
      'granted',
      'refused',
    ])
    expect([left(), events]).toEqual([0, ['lost local database or disk is full']])
  })

  it('is tried again after 50 ms, then after twice as long each time, up to a second', async () => {
    const { send, pass, full, tries } = opened()
    full(true)
    send(reserve(1, 100))
    await pass(5_000)
    expect(tries).toEqual([5, 55, 155, 355, 755, 1_555, 2_555, 3_555, 4_555])
  })

  it('is lost as well when it takes ten seconds, and regained when it has been written all the same', async () => {
    const { send, pass, slow, events, tries, written } = opened()
    const go = slow()
    send(reserve(1, 100))
    const told = send(settle(1, 70))
    await pass(10_004)
    expect([told.answer, events]).toEqual([undefined, []])
    await pass(1)
    expect([told.answer?.kind, events]).toEqual([
      'failure',
      ['lost local It has taken longer than 10000 ms.'],
    ])
    expect(send(settle(2, 1)).answer?.kind).toBe('failure')
    await pass(5_000)
    await go()
    expect([events.at(-1), tries.length, written.length]).toEqual(['regained', 1, 1])
  })

  it('takes all that it has missed when it can be written to again, and is said to be regained', async () => {
    const { send, pass, full, events, database } = opened()
    full(true)
    send(reserve(1, 100))
    await pass(5)
    send(settle(1, 70))
    send(reserve(2, 200))
    await pass(40)
    full(false)
    await pass(10)
    expect(events.at(-1)).toBe('regained')
    await pass(5)
    const { buckets, reservations } = database.load()
    expect(buckets.map(({ state }) => state)).toMatchObject([{ pending: 200, used: 70 }])
    expect(reservations).toMatchObject([{ amounts: [200] }])
    const told = send(settle(2, 200))
    await pass(5)
    expect(told.answer).toEqual({ kind: 'done' })
  })

  it('keeps no process alive that has nothing else to do', async () => {
    const background: (boolean | undefined)[] = []
    const clock = {
      timer(ms: number, fn: () => void, isBackground?: boolean) {
        background.push(isBackground)
        if (ms < 10_000 && background.length < 8) setImmediate(fn)
        return () => {}
      },
    }
    const file = { write: async () => Promise.reject(FULL), close: async () => {} }
    const saved = { at: undefined, buckets: [], reservations: [] }
    const memory = new MemoryStore({ resumed: { saved, now: NOON } })
    const store = new FileStore({ file, memory, path: '', clock })
    store.send(reserve(1, 1), NOON, () => {})
    await expect.poll(() => background.length).toBeGreaterThan(7)
    // The group is waited for, what comes of it is not.
    expect([background[0], ...new Set(background.slice(1))]).toEqual([false, true])
  })
})

describe('a store that is closed', () => {
  it('has written everything, and acknowledged it', async () => {
    const { path, store, send } = opened()
    send(reserve(1, 100))
    const told = send(settle(1, 70))
    await store.close()
    expect(told.answer).toEqual({ kind: 'done' })
    expect(opened(path).left()).toBe(930)
  })

  it('waits for what is being written, and closes once', async () => {
    const { path, store, send, slow, pass } = opened()
    const go = slow()
    send(reserve(1, 100))
    await pass(5)
    send(reserve(2, 100))
    const closed = [store.close(), store.close()]
    await go()
    await Promise.all(closed)
    expect(opened(path).left()).toBe(800)
  })

  it('takes nothing more, and says why', async () => {
    const { path, store, send } = opened()
    await store.close()
    const { answer } = send(reserve(1, 100))
    expect(answer).toMatchObject({ kind: 'failure' })
    expect(String((answer as { error: unknown }).error)).toContain(
      `${path} was closed: close it when all calls`,
    )
  })

  it('tries once more what could not be written', async () => {
    const { path, store, send, full, pass } = opened()
    full(true)
    send(reserve(1, 100))
    await pass(5)
    send(reserve(2, 100))
    full(false)
    await store.close()
    expect(opened(path).left()).toBe(800)
  })

  it('says that it could not be written, and lets go of the file all the same', async () => {
    const { path, store, send, full, pass } = opened()
    send(reserve(1, 100))
    await pass(5)
    full(true)
    const told = send(settle(1, 0))
    const error = await store.close().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(String(error)).toContain(`The store in ${path} cannot be written to (database or disk is full)`)
    expect(told.answer).toEqual({ kind: 'failure', error, done: true })
    expect(opened(path).left()).toBe(900)
  })

  it('tries nothing more from then on, when what was being written has failed', async () => {
    const { store, send, full, slow, pass, clock, tries } = opened()
    const go = slow()
    full(true)
    send(reserve(1, 100))
    await pass(5)
    const closed = Promise.allSettled([store.close()])
    await go()
    expect((await closed)[0].status).toBe('rejected')
    expect([tries.length, clock.pending]).toEqual([2, 0])
  })

  it('was never used: there is nothing to be written', async () => {
    const { store, written } = opened()
    await using closing = store
    await closing.close()
    expect(written).toEqual([])
  })
})
