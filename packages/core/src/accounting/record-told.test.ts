import { describe, expect, it } from 'vitest'
import { newCallState } from '../call/call.ts'
import type { Call } from '../call/call.ts'
import { Events } from '../call/events.ts'
import type { Outcome } from '../call/outcome.ts'
import type { CallRecord } from '../call/record.ts'
import { inScope } from '../call/scope.ts'
import { recorded } from './record.ts'
import { FAILED } from './recorded.fixture.ts'

describe('a call inside a run', () => {
  const inRun = async (step: () => Promise<Outcome<never>>) => {
    const records: CallRecord[] = []
    const run = {
      began: () => (record: CallRecord) => records.push(record),
      stepped: () => {},
      gaveUp: () => {},
    }
    const policy = recorded(step as never, { events: new Events(), now: () => 0, onEnded: () => {} })
    const call = { target: 'a', state: newCallState(0) } as Call<never>
    await inScope({ run }, () => policy(call)).catch(() => {})
    return records
  }

  it('is told to the run it began in', async () => {
    expect(await inRun(() => inScope({ run: undefined }, async () => FAILED))).toHaveLength(1)
  })

  it('that throws is over too', async () => {
    const records = await inRun(() => Promise.reject(new Error('unreadable')))
    expect(records).toMatchObject([{ outcome: 'failed', reason: 'invalid-request' }])
  })
})

describe('an event', () => {
  it('tells what is told, to who listens', async () => {
    const events = new Events()
    const heard: unknown[] = []
    events.listen((event) => heard.push(event))
    const records: CallRecord[] = []
    const onEnded = (record: CallRecord) => records.push(record)
    const call = { target: 'a', state: newCallState(0) } as Call<never>
    await recorded(async () => FAILED as never, { events, now: () => 0, onEnded })(call)
    expect(heard).toEqual([{ type: 'call.finished', ...records[0] }])
  })
})
