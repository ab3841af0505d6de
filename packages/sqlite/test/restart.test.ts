import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPlimsoll } from '@plimsoll/core'
import type { Plimsoll, PlimsollConfig } from '@plimsoll/core'
import { virtualClock } from '@plimsoll/core/testing'
import { fileStore } from '@plimsoll/sqlite'
import { expect, it, onTestFinished } from 'vitest'

const CONFIG: PlimsollConfig = {
  targets: { 'openai/m': { limits: { rpm: 10, concurrency: 4 } } },
  prices: { 'openai/m': { input: 1_000_000, output: 1_000_000 } },
  budgets: [{ per: 'tenant', usd: 100, every: 'month', timeZone: 'Europe/Berlin' }],
}

function lives() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'limits.db')
  /** A process, from its start at this time to its end. */
  return async (start: string, fn: (plimsoll: Plimsoll) => Promise<void>, config: PlimsollConfig = {}) => {
    const clock = virtualClock({ start: Date.parse(start) })
    await using store = await fileStore({ path, clock })
    const plimsoll = createPlimsoll({
      ...CONFIG,
      ...config,
      clock,
      store,
    })
    await fn(plimsoll)
    plimsoll.close()
  }
}

/** A dollar a token: it costs so much. */
async function spend(plimsoll: Plimsoll, usd: number): Promise<void> {
  const call = { target: 'openai/m', inputTokens: usd, maxOutputTokens: 0, tenant: 'acme' }
  await plimsoll.call(call, async () => ({ usage: { input_tokens: usd, output_tokens: 0 } }))
}

async function left(plimsoll: Plimsoll, tenant = 'acme'): Promise<number> {
  const { limits } = await plimsoll.headroom('openai/m', { tenant })
  return Math.round(limits.find(({ unit }) => unit === 'usd')!.available)
}

it("a month's budget is what is left of it in the next process, and whole again in the next month of its time zone", async () => {
  const life = lives()
  await life('2026-01-20T12:00:00Z', async (plimsoll) => {
    await spend(plimsoll, 60)
    expect(await left(plimsoll)).toBe(40)
  })
  await life('2026-01-31T22:30:00Z', async (plimsoll) => {
    expect([await left(plimsoll), await left(plimsoll, 'other')]).toEqual([40, 100])
    await expect(spend(plimsoll, 50)).rejects.toMatchObject({ code: 'wait-too-long' })
    await spend(plimsoll, 30)
    expect(await left(plimsoll)).toBe(10)
  })
  // Midnight in Berlin.
  await life('2026-01-31T23:00:00Z', async (plimsoll) => {
    expect(await left(plimsoll)).toBe(100)
  })
})

it('what somebody is forgotten for stays forgotten', async () => {
  const life = lives()
  await life('2026-01-20T12:00:00Z', async (plimsoll) => {
    await spend(plimsoll, 60)
    await plimsoll.forget({ tenant: 'acme' })
  })
  await life('2026-01-20T13:00:00Z', async (plimsoll) => expect(await left(plimsoll)).toBe(100))
})

it('what was in flight is held until its lease has run out, and its slot too', async () => {
  const life = lives()
  await life('2026-01-20T12:00:00Z', async (plimsoll) => {
    const { reservation } = plimsoll.reserve({
      target: 'openai/m',
      inputTokens: 25,
      maxOutputTokens: 0,
      tenant: 'acme',
    })
    expect(reservation).toBeDefined()
    await plimsoll.flush()
  })
  const slots = async (plimsoll: Plimsoll) =>
    (await plimsoll.headroom('openai/m')).limits.find(({ unit }) => unit === 'slots')!.available
  await life('2026-01-20T12:01:29Z', async (plimsoll) =>
    expect([await left(plimsoll), await slots(plimsoll)]).toEqual([75, 3]),
  )
  await life('2026-01-20T12:01:31Z', async (plimsoll) =>
    expect([await left(plimsoll), await slots(plimsoll)]).toEqual([75, 4]),
  )
})

it('a budget that was raised meanwhile is raised for what was used before', async () => {
  const life = lives()
  await life('2026-01-20T12:00:00Z', async (plimsoll) => spend(plimsoll, 60))
  await life('2026-01-20T13:00:00Z', async (plimsoll) => expect(await left(plimsoll)).toBe(440), {
    budgets: [{ per: 'tenant', usd: 500, every: 'month', timeZone: 'Europe/Berlin' }],
  })
})
