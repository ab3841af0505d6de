import assert from 'node:assert/strict'
import { PlimsollError } from '../call/errors.ts'
import type { CallRecord } from '../call/record.ts'
import type { PlimsollConfig } from '../config/config.ts'
import { asked, inScene, rejected, until, whole } from './adapter-scene.ts'
import type { Scene } from './adapter-scene.ts'
import type { AdapterSubject } from './adapter-subject.ts'

export interface ContractCase {
  readonly name: string
  /** Rejects with an `AssertionError` where the adapter does otherwise. */
  check(): Promise<void>
}

/**
 * What every adapter does alike, as cases to be run one by one: a real client of the toolkit against a provider over HTTP.
 * After each nothing may be left waiting, and nothing held.
 *
 * ```ts
 * describe.each(adapterContract(subject))('$name', ({ check }) => it('holds', check))
 * ```
 */
export function adapterContract(subject: AdapterSubject): readonly ContractCase[] {
  const { target } = subject
  const limited = (concurrency: number): PlimsollConfig => ({
    targets: { [target]: { limits: { concurrency } } },
  })
  const cases: { name: string; config?: PlimsollConfig; run(scene: Scene): Promise<void> }[] = [
    {
      name: 'an answer is that of the bare client, and settled by its usage',
      async run({ bare, client, records }) {
        const answer = await client.text('Hello')
        assert.deepEqual(answer, await bare.text('Hello'))
        assert.equal(records.length, 1)
        const [{ outcome, estimated, usage, target: answered }] = records as [CallRecord]
        assert.deepEqual(
          { outcome, estimated, answered },
          { outcome: 'finished', estimated: false, answered: target },
        )
        assert.equal(usage.inputTokens, answer.usage.inputTokens)
        assert.equal(usage.outputTokens, answer.usage.outputTokens)
      },
    },
    {
      name: 'a stream is that of the bare client, and settled by its usage',
      async run({ bare, client, records }) {
        assert.equal(await whole(client.stream('Hello')), await whole(bare.stream('Hello')))
        assert.equal(records.length, 1)
        assert.equal(records[0]?.outcome, 'finished')
        assert.equal(records[0]?.estimated, false)
        assert.ok(records[0]?.latencyMs.firstContent !== undefined)
      },
    },
    {
      name: 'a stream that is left is given up at its provider, and its room given back',
      async run({ client, provider, records, plimsoll }) {
        for await (const _ of client.stream('Hello [[tokens=2000]]')) break
        await until(() => provider.abandoned() === 1 && records.length === 1)
        assert.equal(records[0]?.outcome, 'aborted')
        assert.equal(records[0]?.estimated, true)
        assert.equal(plimsoll.state().reservations, 0)
      },
    },
    {
      name: 'an abort in the queue leaves it, and nothing is sent',
      config: limited(1),
      async run({ client, provider, plimsoll, records }) {
        const held = plimsoll.reserve({ target })
        await held.ready
        const caller = new AbortController()
        const left = rejected(client.text('Hello', { signal: caller.signal }))
        await until(() => plimsoll.state().waiting === 1)
        caller.abort(new Error('gone'))
        await left
        assert.equal(plimsoll.state().waiting, 0)
        held.reservation?.cancel()
        assert.equal(provider.received(), 0)
        assert.equal(records[0]?.outcome, 'aborted')
      },
    },
    {
      name: 'an abort in flight reaches the provider, and nothing is tried again',
      async run({ client, provider, records }) {
        const caller = new AbortController()
        const left = rejected(client.text('Hello [[tokens=2000]]', { signal: caller.signal }))
        await until(() => provider.received() === 1)
        caller.abort(new Error('gone'))
        await left
        await until(() => provider.abandoned() === 1)
        assert.equal(provider.received(), 1)
        assert.equal(records[0]?.outcome, 'aborted')
      },
    },
    ...(['text', 'stream'] as const).flatMap((how) => [
      {
        name: `a rate limit is waited for, and its caller sees an answer: ${how}`,
        async run({ client, provider, records }: Scene) {
          provider.fail(429, 1)
          assert.notEqual(await asked(client, how), '')
          assert.equal(provider.received(), 2)
          assert.equal(records.length, 1)
          assert.equal(records[0]?.rateLimited, 1)
        },
      },
      {
        name: `a failure is tried again by Plimsoll alone: ${how}`,
        async run({ client, provider, records }: Scene) {
          provider.fail(500, 1)
          assert.notEqual(await asked(client, how), '')
          assert.equal(provider.received(), 2)
          assert.equal(records[0]?.retries, 1)
        },
      },
      {
        name: `a failure that lasts is given up once, with the provider's error as its cause: ${how}`,
        async run({ client, provider, records }: Scene) {
          provider.fail(500, 100)
          const error = PlimsollError.find(await rejected(asked(client, how)))
          assert.equal(error?.code, 'provider-failed')
          assert.ok(error.cause !== undefined)
          assert.equal(provider.received(), error.attempts)
          assert.equal(records[0]?.attempts, error.attempts)
        },
      },
      {
        name: `a request that is at fault fails with the toolkit's own error, once: ${how}`,
        async run({ wrong, provider }: Scene) {
          const error = await rejected(asked(wrong, how))
          assert.equal(PlimsollError.find(error), undefined)
          assert.equal(subject.statusOf(error), 401)
          assert.equal(provider.received(), 1)
        },
      },
      {
        name: `what no limit can hold is refused, and nothing is sent: ${how}`,
        config: { targets: { [target]: { limits: { tpm: 5 } } } },
        async run({ client, provider }: Scene) {
          const error = PlimsollError.find(await rejected(asked(client, how)))
          assert.equal(error?.code, 'too-large')
          assert.equal(provider.received(), 0)
        },
      },
      {
        name: `what was answered is answered again without its provider: ${how}`,
        config: { tasks: { faq: { cache: { ttlMs: 60_000 } } } },
        async run({ client, provider, plimsoll, records }: Scene) {
          await plimsoll.with({ task: 'faq' }, async () => {
            const first = await asked(client, how)
            assert.equal(await asked(client, how), first)
          })
          assert.equal(provider.received(), 1)
          assert.deepEqual(
            records.map(({ cache }) => cache),
            [undefined, 'hit'],
          )
        },
      },
      {
        name: `twins share one call: ${how}`,
        config: { tasks: { faq: { coalesce: true } } },
        async run({ client, provider, plimsoll }: Scene) {
          const answers = await plimsoll.with({ task: 'faq' }, () =>
            Promise.all([asked(client, how), asked(client, how)]),
          )
          assert.equal(answers[0], answers[1])
          assert.equal(provider.received(), 1)
        },
      },
      {
        name: `a task may end with a message in place of an answer: ${how}`,
        config: { tasks: { chat: { degrade: [{ message: 'It is busy.' }] } } },
        async run({ client, provider, plimsoll, records }: Scene) {
          provider.fail(500, 100)
          assert.equal(await plimsoll.with({ task: 'chat' }, () => asked(client, how)), 'It is busy.')
          assert.equal(records[0]?.degraded, 'message')
        },
      },
    ]),
    {
      name: 'a call of a tool is that of the bare client',
      async run({ client, bare }) {
        const prompt = 'Hello [[tool=weather {"city":"Oslo"}]]'
        assert.deepEqual(await client.tool(prompt), await bare.tool(prompt))
        assert.deepEqual(await client.tool(prompt), { city: 'Oslo' })
      },
    },
    {
      name: 'an object is that of the bare client',
      async run({ client, bare }) {
        assert.deepEqual(await client.object('Hello'), await bare.object('Hello'))
      },
    },
    {
      name: 'an object may be held by a message',
      config: { tasks: { chat: { degrade: [{ message: '-', object: { city: 'Oslo', celsius: 3 } }] } } },
      async run({ client, provider, plimsoll }) {
        provider.fail(500, 100)
        const object = await plimsoll.with({ task: 'chat' }, () => client.object('Hello'))
        assert.deepEqual(object, { city: 'Oslo', celsius: 3 })
      },
    },
    {
      name: 'no more are sent at once than there is room for, and each gets an answer',
      config: limited(3),
      async run({ client, provider, records }) {
        await Promise.all(
          Array.from({ length: 12 }, (_, index) =>
            asked(client, index % 2 === 0 ? 'text' : 'stream', `Hello ${index}`),
          ),
        )
        assert.equal(provider.received(), 12)
        assert.ok(provider.peak() <= 3, `${provider.peak()} at once`)
        assert.equal(records.filter(({ outcome }) => outcome === 'finished').length, 12)
      },
    },
    {
      name: 'who calls is known from around the call',
      async run({ client, plimsoll, records }) {
        await plimsoll.with({ tenant: 'acme', user: 'ada' }, () => client.text('Hello'))
        assert.equal(records[0]?.attributes.tenant, 'acme')
        assert.equal(records[0]?.attributes.user, 'ada')
      },
    },
  ]
  return cases.map(({ name, config, run }) => ({ name, check: () => inScene(subject, config ?? {}, run) }))
}
