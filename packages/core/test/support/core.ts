import { Admission } from '../../src/budget/admission.ts'
import type { Asking } from '../../src/budget/asking.ts'
import type { BudgetConfig } from '../../src/budget/budget-config.ts'
import { BudgetSource } from '../../src/budget/budget-source.ts'
import type { LimitEntry, TargetConfig } from '../../src/budget/limits.ts'
import type { QueueOptions } from '../../src/budget/queue-options.ts'
import { Targets } from '../../src/budget/targets.ts'
import type { Target } from '../../src/budget/target.ts'
import { Events } from '../../src/call/events.ts'
import type { Gate } from '../../src/call/gate.ts'
import { profilesWith } from '../../src/providers/profiles.ts'
import type { Clock } from '../../src/time/clock.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/port.ts'

/** A gate that lets everyone pass. */
const OPEN: Gate = {
  refusal: () => undefined,
  enter: () => ({ probe: false, targetEra: 0, credentialEra: 0 }),
  leave: () => {},
}

/** Admission as `createPlimsoll` wires it, without the pipeline around: every step of it is synchronous. */
export function core({
  clock,
  store = new MemoryStore(),
  targets = {},
  pools = {},
  budgets = [],
  queue = {},
  leaseMs = 600_000,
}: {
  clock: Clock
  store?: Store
  targets?: Record<string, TargetConfig>
  pools?: Record<string, { limits: readonly LimitEntry[] }>
  budgets?: readonly BudgetConfig[]
  queue?: Partial<QueueOptions>
  leaseMs?: number
}) {
  const options: QueueOptions = {
    maxWaiting: 1_000_000,
    maxWaitMs: Number.POSITIVE_INFINITY,
    ageMs: 10_000,
    refuse: 'certain',
    weight: () => 1,
    ...queue,
  }
  const events = new Events()
  const source = new BudgetSource({
    budgets,
    ttlMs: 60_000,
    clock,
    now: () => clock.now(),
    events,
    check: () => {},
    onChanged: () => {},
  })
  const admission = new Admission({
    clock,
    store,
    events,
    budgets: source,
    leaseMs,
    gate: OPEN,
    onUnknownPrice: () => 'refuse',
    maxWaitMs: () => options.maxWaitMs,
    onEnded: () => {},
  })
  const all = new Targets(
    {
      targets,
      pools,
      strict: true,
      queue: options,
      profiles: profilesWith([]),
      prices: undefined,
      check: () => {},
    },
    { admission, events },
  )
  let calls = 0

  /** One attempt whose tokens are known exactly: `input`, and `output` as the most it may produce. */
  function asking(
    target: Target,
    {
      input,
      output = 0,
      tenant,
      run,
      priority = 'medium',
      deadline = Number.POSITIVE_INFINITY,
      parent,
      seq,
    }: SimpleCall,
  ): Asking {
    return {
      callId: String(++calls),
      target,
      attributes: {
        ...(tenant === undefined ? {} : { tenant }),
        ...(run === undefined ? {} : { run }),
      },
      priority,
      estimate: { inputTokens: input, maxOutputTokens: output, outputTokens: output },
      deadline,
      parent,
      countRequest: true,
      seq,
      stillAlive: undefined,
      onAbandoned: undefined,
    }
  }

  /** Everyone who waits asks anew, as after a change of configuration. */
  const replan = () => admission.replan(source)

  return { admission, events, store, asking, replan, target: (id: string) => all.get(id) }
}

export interface SimpleCall {
  input: number
  output?: number
  tenant?: string
  run?: string
  priority?: 'high' | 'medium' | 'low'
  deadline?: number
  parent?: number
  seq?: number
}
