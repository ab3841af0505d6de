import assert from 'node:assert/strict'
import type { Plimsoll } from '../api.ts'
import type { CallRecord } from '../call/record.ts'
import type { PlimsollConfig } from '../config/config.ts'
import { createPlimsoll } from '../plimsoll.ts'
import { systemClock } from '../time/system-clock.ts'
import type { AdapterSubject, ContractClient, ContractProvider } from './adapter-subject.ts'

const POLL_MS = 5
const PATIENCE_MS = 10_000

export interface Scene {
  readonly provider: ContractProvider
  readonly plimsoll: Plimsoll
  readonly bare: ContractClient
  readonly client: ContractClient
  /** One whose key is not taken. */
  readonly wrong: ContractClient
  readonly records: readonly CallRecord[]
}

/** Plays one case with a provider and a Plimsoll of its own; in the end nothing may be left. */
export async function inScene(
  subject: AdapterSubject,
  config: PlimsollConfig,
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  await using provider = await subject.provider()
  const records: CallRecord[] = []
  const plimsoll = createPlimsoll({
    // Without delay, and as often as it is worth: what is asserted are counts.
    clock: { ...systemClock, random: () => 0 },
    retry: { budget: 1 },
    ...config,
    onEvent(event) {
      if (event.type === 'call.finished') records.push(event)
    },
  })
  await run({
    provider,
    plimsoll,
    bare: subject.client(provider, undefined, 'right'),
    client: subject.client(provider, plimsoll, 'right'),
    wrong: subject.client(provider, plimsoll, 'wrong'),
    records,
  })
  await until(() => plimsoll.state().reservations === 0)
  assert.deepEqual(plimsoll.state(), { waiting: 0, reservations: 0 })
}

export async function asked(
  client: ContractClient,
  how: 'text' | 'stream',
  prompt = 'Hello',
): Promise<string> {
  return how === 'text' ? (await client.text(prompt)).text : whole(client.stream(prompt))
}

export async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

export async function rejected(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  assert.fail('It was not rejected.')
}

/** Resolves once it is so; the machine may be slow. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += POLL_MS) {
    assert.ok(waited < PATIENCE_MS, `Not within ten seconds: ${isSo}`)
    // oxlint-disable-next-line no-await-in-loop -- one look after the other is the point
    await new Promise<void>((resolve) => void systemClock.timer(POLL_MS, resolve))
  }
}
