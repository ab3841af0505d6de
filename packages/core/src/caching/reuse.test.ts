import { describe, expect, it } from 'vitest'
import { wholeHost } from '../../test/support/set-up.ts'
import type { Call } from '../call/call.ts'
import { newCallState } from '../call/call.ts'
import { Events } from '../call/events.ts'
import type { PartInfo } from '../call/host.ts'
import type { Outcome, Reply } from '../call/outcome.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import type { TaskCache } from './cache-config.ts'
import { Reuse } from './reuse.ts'

function setUp(cache: TaskCache | undefined) {
  const clock = virtualClock()
  const now = () => clock.now()
  const reuse = new Reuse({
    config: {},
    clock,
    now,
    events: new Events(),
    limits: new MemoryStore(),
    taskOf: () => ({ name: 'faq', cache, coalesce: true, answeredBy: null }),
    onHit: async () => undefined,
    inBackground: () => {},
  })
  const host = wholeHost(() => ({ content: true }))
  const call = (): Call<PartInfo> => ({
    id: 'id',
    target: 'openai/model',
    request: 'q',
    host,
    attributes: {},
    forwarded: {},
    defaults: {},
    priority: 'medium',
    signal: undefined,
    deadline: Infinity,
    maxOutputTokens: undefined,
    inputTokens: () => 1,
    counted: true,
    parent: undefined,
    state: newCallState(now()),
  })
  const answer = async (): Promise<Outcome<PartInfo>> => ({
    kind: 'ok',
    reply: {
      value: { content: true, bytes: 5 },
      target: 'openai/model',
      marks: {},
      headers: {},
      end: Promise.resolve({ how: 'finished', usage: {}, exact: true }),
    },
  })
  /** What the rung `'stale'` has, when nothing else can answer. */
  const staleOf = async (): Promise<Reply<PartInfo> | undefined> => {
    let stale: Reply<PartInfo> | undefined
    await reuse.run(call(), async (asked) => {
      // A candidate of it: the same call, with another target and limit.
      stale = await reuse.staleOf({ ...asked, target: 'openai/other', maxOutputTokens: 5 })
      return { kind: 'failed', failure: { class: 'server' }, error: new Error('down') }
    })
    return stale
  }
  return { clock, reuse, call, answer, staleOf }
}

describe('what the rung `stale` is given', () => {
  it('is the answer past its time, within `staleIfErrorMs`, and says so', async () => {
    const { clock, reuse, call, answer, staleOf } = setUp({ ttlMs: 100, staleIfErrorMs: 1_000 })
    expect(await staleOf()).toBeUndefined()
    await reuse.run(call(), answer)
    await clock.advance(500)
    const stale = await staleOf()
    expect(stale).toMatchObject({ value: { bytes: 5 }, target: 'openai/model', marks: { cache: 'stale' } })
    expect(await stale?.end).toMatchObject({ how: 'finished', usage: { inputTokens: 0 }, costUsd: 0 })
    await clock.advance(600)
    expect(await staleOf()).toBeUndefined()
  })

  it('is nothing but that: nobody else is served by it', async () => {
    const { clock, reuse, call, answer } = setUp({ ttlMs: 100, staleIfErrorMs: 1_000 })
    await reuse.run(call(), answer)
    await clock.advance(500)
    let calls = 0
    await reuse.run(call(), () => {
      calls++
      return answer()
    })
    expect(calls).toBe(1)
  })

  it('is nothing for a task without a cache, and for a call that never came by', async () => {
    const { reuse, call, answer, staleOf } = setUp(undefined)
    await reuse.run(call(), answer)
    expect(await staleOf()).toBeUndefined()
    expect(await reuse.staleOf(call())).toBeUndefined()
  })
})

describe('a policy that throws', () => {
  it('fails the call with what was thrown', async () => {
    const { reuse, call } = setUp(undefined)
    const error = new Error('cannot read its own request')
    expect(await reuse.run(call(), () => Promise.reject(error))).toMatchObject({ kind: 'failed', error })
  })
})
