import { expect } from 'vitest'
import { newCallState } from '../call/call.ts'
import type { Call, CallState } from '../call/call.ts'
import { Events } from '../call/events.ts'
import type { End, Outcome, Reply } from '../call/outcome.ts'
import type { CallRecord } from '../call/record.ts'
import { recorded } from './record.ts'

export const END: End = {
  how: 'finished',
  usage: { inputTokens: 100, outputTokens: 10 },
  exact: true,
  costUsd: 1,
}
export const FAILED: Outcome<never> = {
  kind: 'failed',
  failure: { class: 'server' },
  error: new Error('500'),
}

export function answered(end: Partial<End> = {}, own: Partial<Reply<never>> = {}): Outcome<never> {
  const reply = { target: 'a', marks: {}, headers: {}, end: Promise.resolve({ ...END, ...end }), ...own }
  return { kind: 'ok', reply: reply as Reply<never> }
}

/** What is told of a call that began at 1,000 and is over at 1,900, with this state by then. */
export async function told(outcome: Outcome<never>, state: Partial<CallState> = {}): Promise<CallRecord> {
  const records: CallRecord[] = []
  const call = {
    id: 'call-1',
    target: 'a',
    attributes: { tenant: 'acme' },
    priority: 'low',
    state: { ...newCallState(1_000), ...state },
  } as Call<never>
  const onEnded = (record: CallRecord) => records.push(record)
  await recorded(async () => outcome as never, { events: new Events(), now: () => 1_900, onEnded })(call)
  if (outcome.kind === 'ok') await outcome.reply.end
  expect(records).toHaveLength(1)
  return records[0]!
}
