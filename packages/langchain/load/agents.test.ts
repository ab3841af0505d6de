import { ChatOpenAI } from '@langchain/openai'
import type { Plimsoll } from '@plimsoll/core'
import { createPlimsoll } from '@plimsoll/core'
import type { FakeProvider } from '@plimsoll/fake-provider'
import { startFakeProvider } from '@plimsoll/fake-provider'
import { createAgent, tool } from 'langchain'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { PlimsollCallbackHandler, withPlimsoll } from '../src/index.ts'

const AGENTS = 50
const RUNS = 10
/** A call of the model that asks for the tool, and one that answers. */
const CALLS = AGENTS * RUNS * 2

/** A tight minute, scaled: about seven of these make up the whole work. */
const LIMIT = { unit: 'tokens', amount: 30_000, perMs: 2_000, algorithm: 'token-bucket' } as const

const weather = tool(({ city }) => `${city}: sunny`, {
  name: 'weather',
  description: 'Tells the weather.',
  schema: z.object({ city: z.string() }),
})

function client({ url }: FakeProvider): ChatOpenAI {
  const configuration = { baseURL: `${url}/v1` }
  return new ChatOpenAI({ model: 'm', apiKey: 'k', configuration, maxTokens: 30, maxRetries: 0 })
}

type Governed = (model: ChatOpenAI, plimsoll: Plimsoll) => ReturnType<typeof agentOf>

function agentOf(model: ChatOpenAI) {
  return createAgent({ model, tools: [weather] })
}

const WAYS: Readonly<Record<string, Governed>> = {
  'the wrapper': (model, plimsoll) => agentOf(withPlimsoll(model, plimsoll)),
  'the handler alone': (model, plimsoll) =>
    agentOf(model).withConfig({ callbacks: [new PlimsollCallbackHandler(plimsoll)] }),
}

describe.each(Object.entries(WAYS))('fifty agents on a tight limit, with %s', (_, govern) => {
  it('meet next to no rate limit, and leave next to nothing of it unused', { timeout: 120_000 }, async () => {
    await using server = await startFakeProvider({
      models: { m: { limits: [LIMIT], ttftMs: 20, outputTokens: { median: 20, sigma: 0.3 } } },
    })
    const plimsoll = createPlimsoll({ targets: { 'openai/m': { limits: [LIMIT] } } })
    const agent = govern(client(server), plimsoll)
    const failures: unknown[] = []
    await Promise.all(
      Array.from({ length: AGENTS }, async (_each, index) => {
        for (let run = 0; run < RUNS; run++) {
          const content = `Question ${index}.${run} [[tool=weather {"city":"Oslo"}]]`
          await agent.invoke({ messages: [{ role: 'user', content }] }).catch((error) => failures.push(error))
        }
      }),
    )
    const { total, models } = server.stats()
    const [limit] = models['m']!.limits
    const elapsed = total.lastAdmissionMs! - total.firstAdmissionMs!
    const room = limit!.burst + (limit!.amount * elapsed) / limit!.perMs
    const use = (limit!.charged - limit!.refunded) / room
    const rateLimited = total.received - total.admitted
    expect(rateLimited).toBeLessThanOrEqual(CALLS / 1_000)
    expect(failures.length).toBeLessThanOrEqual(rateLimited)
    expect(use).toBeGreaterThanOrEqual(0.9)
    expect(plimsoll.state()).toEqual({ waiting: 0, reservations: 0 })
  })
})
