import { createOpenAI } from '@ai-sdk/openai'
import type { CallRecord } from '@plimsoll/core'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { generateText, streamText, wrapLanguageModel } from 'ai'
import { describe, expect, it } from 'vitest'
import { plimsollMiddleware } from '../src/index.ts'
import { listening, NOTHING_LEFT, QUICK, startFake, until } from './support.ts'
import type { Listening } from './support.ts'

const CALLS = 2_000
const AT_ONCE = 200
const MAX_OUTPUT = 80
const WORDS = 'ship hull mark load water line port cargo salt rope tide anchor'.split(' ')
/** Shared by all, long enough for a provider to keep: what comes after it is each call's own. */
const SYSTEM = 'You are the mate of a ship, and answer in a few words. '.repeat(120)

const MODEL = {
  ...QUICK,
  rpm: 6_000,
  outputTokens: { median: 30, sigma: 0.6 },
  promptCache: { minTokens: 1_024 },
}
const FAULTS = [
  { kind: 'cut', rate: 0.05, afterChunks: 3 },
  { kind: 'error-event', rate: 0.03, afterChunks: 2 },
  { kind: 'malformed', rate: 0.02, afterChunks: 2 },
  { kind: 'server-error', rate: 0.04 },
  { kind: 'overloaded', rate: 0.03 },
  { kind: 'connection-reset', rate: 0.02, charged: true },
  { kind: 'rate-limit', rate: 0.02, retryAfterMs: 20 },
  { kind: 'missing-usage', rate: 0.03 },
] as const

/** What one call asks, of its own: the lengths differ, and some leave before the end. */
function asked(nth: number) {
  const words = Array.from(
    { length: 5 + ((nth * 37) % 200) },
    (_, index) => WORDS[(nth + index) % WORDS.length],
  )
  return {
    prompt: `${words.join(' ')}?`,
    streams: nth % 2 === 0,
    leavesAfter: nth % 12 === 5 ? nth % 7 : undefined,
  }
}

async function callAll(provider: FakeProvider, { plimsoll }: Listening): Promise<void> {
  const openai = createOpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'any' })
  const model = wrapLanguageModel({ model: openai.chat('m'), middleware: plimsollMiddleware(plimsoll) })
  let next = 0
  async function one(nth: number): Promise<void> {
    const { prompt, streams, leavesAfter } = asked(nth)
    const controller = new AbortController()
    const options = {
      model,
      system: SYSTEM,
      prompt,
      maxOutputTokens: MAX_OUTPUT,
      abortSignal: controller.signal,
      headers: { 'x-client-request-id': String(nth) },
      onError: () => {},
    }
    if (!streams) {
      if (leavesAfter !== undefined) setTimeout(() => controller.abort(), leavesAfter)
      await generateText(options)
      return
    }
    let parts = 0
    for await (const _ of streamText(options).textStream) if (parts++ === leavesAfter) controller.abort()
  }
  const worker = async (): Promise<void> => {
    while (next < CALLS) {
      const nth = next++
      // How each of them ends is seen in the records.
      await plimsoll.with({ step: String(nth) }, () => one(nth)).catch(() => {})
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** Those of one client request id. */
function byId(records: readonly CallRecord[]): Map<string, readonly CallRecord[]> {
  return Map.groupBy(records, ({ attributes }) => attributes.step!)
}

const total = (records: readonly CallRecord[], field: 'inputTokens' | 'outputTokens' | 'cacheReadTokens') =>
  records.reduce((sum, { usage }) => sum + (usage[field] ?? 0), 0)

describe('2,000 calls with cuts, aborts, errors and retries', () => {
  it(
    'are told to the token where the usage is known, and never below what was delivered where it is not',
    { timeout: 120_000 },
    async () => {
      await using provider = await startFake({
        minuteMs: 2_000,
        models: { m: MODEL },
        faults: [...FAULTS],
        trackClientRequests: CALLS,
      })
      const all = listening({
        targets: { 'openai/m': { limits: [{ unit: 'requests', amount: 6_000, perMs: 2_000 }] } },
        prices: { 'openai/m': { input: 1, output: 4, cacheRead: 0.1 } },
      })
      await callAll(provider, all)
      await until(() => provider.stats().total.inFlight === 0)
      await until(() => all.plimsoll.state().reservations === 0)
      const { clientRequests } = provider.stats()
      const ids = byId(all.records)
      const seen = { exact: 0, estimated: 0, retried: 0, cached: 0, aborted: 0 }
      const wrong: unknown[] = []
      for (const [id, server] of Object.entries(clientRequests)) {
        const records = ids.get(id) ?? []
        const told = {
          input: total(records, 'inputTokens'),
          output: total(records, 'outputTokens'),
          cached: total(records, 'cacheReadTokens'),
        }
        const isEstimated = records.some(({ estimated }) => estimated)
        if (isEstimated) seen.estimated++
        else seen.exact++
        if (records.some(({ retries, rateLimited }) => retries > rateLimited)) seen.retried++
        if (records.some(({ outcome }) => outcome === 'aborted')) seen.aborted++
        if (!isEstimated && told.cached > 0) seen.cached++
        const right = isEstimated
          ? told.input + told.output >= server.promptTokens + server.completionTokens
          : told.input === server.promptTokens &&
            told.output === server.completionTokens &&
            told.cached === server.cachedTokens
        if (!right) wrong.push({ id, told, server, records })
      }
      expect(wrong.slice(0, 3)).toEqual([])
      // Everything that is to happen did.
      expect(ids.size).toBe(CALLS)
      // Who never reached the server had left before.
      const unsent = [...ids].filter(([id]) => clientRequests[id] === undefined)
      expect(unsent.flatMap(([, records]) => records.map(({ outcome }) => outcome))).toEqual(
        unsent.map(() => 'aborted'),
      )
      expect(seen.exact).toBeGreaterThan(CALLS / 2)
      for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(20)
      expect(all.records.every(({ costUsd, wastedUsd }) => costUsd! >= wastedUsd!)).toBe(true)
      expect(all.plimsoll.state()).toEqual(NOTHING_LEFT)
    },
  )
})
