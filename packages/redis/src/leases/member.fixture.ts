import { createPlimsoll } from '@plimsoll/core'
import type { BudgetConfig, Limits, Plimsoll, PlimsollEvent, Store } from '@plimsoll/core'
import { portOf } from '../port.ts'
import { connected } from '../redis-client.fixture.ts'
import { redisStore } from '../redis-store.ts'
import type { RedisStoreOptions } from '../redis-store.ts'

export const TARGET = 'generic/model'

export interface MemberOptions extends Partial<RedisStoreOptions> {
  readonly limits: Limits
  readonly budgets?: readonly BudgetConfig[]
}

export interface Member {
  readonly plimsoll: Plimsoll
  readonly store: Store
  readonly events: PlimsollEvent[]
  /** How often Redis was asked for this kind of thing. */
  asked(kind: string): number
  /** What is left of its first limit. */
  left(): Promise<number>
  end(): void
}

/** A process that admits from slices, as one of those that share a namespace. */
export async function leasedMember(
  url: string,
  { limits, budgets = [], ...options }: MemberOptions,
): Promise<Member> {
  const client = await connected(url)
  const port = portOf(client)
  const kinds: string[] = []
  const send = async (words: readonly string[]): Promise<unknown> => {
    kinds.push(words[6] ?? words[0]!)
    return port.send(words)
  }
  const store = redisStore({
    client: { ...port, send },
    lease: { share: 0.2, ttlMs: 250 },
    ...options,
  })
  const events: PlimsollEvent[] = []
  const plimsoll = createPlimsoll({
    targets: { [TARGET]: { limits } },
    budgets,
    store,
    onEvent: (event) => events.push(event),
  })
  return {
    plimsoll,
    store,
    events,
    asked: (kind) => kinds.filter((one) => one === kind).length,
    async left() {
      const headroom = await plimsoll.headroom(TARGET)
      return headroom.limits[0]!.available
    },
    end() {
      plimsoll.close()
      client.destroy()
    },
  }
}
