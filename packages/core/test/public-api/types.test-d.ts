import type {
  Admission,
  BudgetConfig,
  BudgetHolder,
  CallContext,
  CallOptions,
  Decision,
  ErrorCode,
  Outcome,
  PlimsollConfig,
  PlimsollEvent,
  PlimsollSettings,
  Prices,
  PriceTable,
  Reservation,
  TargetConfig,
  Ticket,
  Usage,
} from '@plimsoll/core'
import { createPlimsoll, PlimsollError } from '@plimsoll/core'
import type { Store } from '@plimsoll/core'
import { MemoryStore, virtualClock } from '@plimsoll/core/testing'
import { describe, expectTypeOf, it } from 'vitest'

const plimsoll = createPlimsoll()

describe('a call', () => {
  it('resolves with what its function does', () => {
    expectTypeOf(plimsoll.call({ target: 'a/b' }, async () => ({ text: 'hello' }))).resolves.toEqualTypeOf<{
      text: string
    }>()
    expectTypeOf(plimsoll.call({ target: 'a/b' }, async () => {})).resolves.toEqualTypeOf<void>()
  })

  it('hands its function a context, and its value to whoever reads the usage', () => {
    void plimsoll.call(
      { target: 'a/b', tenant: 'acme' },
      async (context) => {
        expectTypeOf(context).toEqualTypeOf<CallContext>()
        expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>()
        return { tokens: 5 }
      },
      { usage: (value) => ({ inputTokens: value.tokens }) },
    )
  })

  it('names a target or a task, and needs an async function', () => {
    expectTypeOf({
      target: 'a/b',
      inputTokens: 5,
      tenant: 'acme',
      priority: 'high',
    } as const).toExtend<CallOptions>()
    expectTypeOf({ task: 'classify' }).toExtend<CallOptions>()
    expectTypeOf({ target: 'a/b', priority: 'urgent' } as const).not.toExtend<CallOptions>()
    expectTypeOf<() => number>().not.toExtend<Parameters<typeof plimsoll.call>[1]>()
  })
})

describe('what is around calls', () => {
  it('gives back what its function does', () => {
    expectTypeOf(plimsoll.with({ tenant: 'a' }, () => 5)).toEqualTypeOf<number>()
    expectTypeOf(plimsoll.workflow('w', {}, async ({ run }) => run)).resolves.toEqualTypeOf<string>()
  })
})

describe('a configuration', () => {
  it('takes limits in short and in full', () => {
    expectTypeOf({ limits: { rpm: 5, concurrency: 2 } } as const).toExtend<TargetConfig>()
    expectTypeOf({ limits: 'learn' } as const).toExtend<TargetConfig>()
    expectTypeOf({ limits: [{ unit: 'slots', amount: 2 }] } as const).toExtend<TargetConfig>()
    expectTypeOf({ limits: { rps: 5 } } as const).not.toExtend<TargetConfig>()
    expectTypeOf({ limits: [{ unit: 'tokens', amount: 2 }] } as const).not.toExtend<TargetConfig>()
  })

  it('takes budgets of one scope or several', () => {
    expectTypeOf({ per: 'tenant', tpm: 5 } as const).toExtend<BudgetConfig>()
    expectTypeOf({
      per: ['tenant', 'feature'],
      limits: [{ unit: 'tokens', amount: 1, perMs: 1 }],
    } as const).toExtend<BudgetConfig>()
    expectTypeOf({ per: 'team', tpm: 5 } as const).not.toExtend<BudgetConfig>()
    expectTypeOf({
      per: 'tenant',
      usd: 5,
      every: 'month',
      when: { plan: ['free'] },
    } as const).toExtend<BudgetConfig>()
    expectTypeOf({ per: 'tenant', usd: 5, every: 'year' } as const).not.toExtend<BudgetConfig>()
    expectTypeOf({ per: 'tenant', usd: 5, when: { colour: 'red' } } as const).not.toExtend<BudgetConfig>()
  })

  it('takes a look-up of budgets, and prices as a table or a source', () => {
    createPlimsoll({
      budgets: async (holder) => {
        expectTypeOf(holder).toEqualTypeOf<BudgetHolder>()
        return [{ per: 'tenant', usd: holder.plan === 'pro' ? 500 : 50, every: 'month' }]
      },
      prices: { 'a/b': { input: 1, output: 2 } },
    })
    expectTypeOf<PlimsollConfig['prices']>().toEqualTypeOf<Prices | PriceTable | undefined>()
    expectTypeOf<Parameters<typeof plimsoll.update>[0]>().toEqualTypeOf<PlimsollSettings>()
  })

  it('takes what `testing` gives', () => {
    expectTypeOf({ clock: virtualClock(), store: new MemoryStore() }).toExtend<PlimsollConfig>()
    expectTypeOf<MemoryStore>().toExtend<Store>()
  })
})

describe('a ticket', () => {
  const ticket = plimsoll.reserve({ target: 'a/b' })

  it('is had at once, and resolves with an outcome', () => {
    expectTypeOf(ticket).toEqualTypeOf<Ticket>()
    expectTypeOf(ticket.state).toEqualTypeOf<'queued' | 'granted' | 'rejected' | 'aborted'>()
    expectTypeOf(ticket.ready).resolves.toEqualTypeOf<Admission>()
    expectTypeOf<Extract<Admission, { kind: 'ok' }>['reservation']>().toEqualTypeOf<Reservation>()
    expectTypeOf(ticket.reservation).toEqualTypeOf<Reservation | undefined>()
  })

  it('holds what is settled by a usage and how sure that is', () => {
    expectTypeOf<Reservation['settle']>().parameters.toEqualTypeOf<[Usage, 'exact' | 'at-least']>()
  })
})

describe('outcomes', () => {
  it('of an adapter’s call are told apart by kind', () => {
    expectTypeOf<Outcome<string>['kind']>().toEqualTypeOf<'ok' | 'failed' | 'rejected' | 'aborted'>()
    expectTypeOf<Extract<Outcome<string>, { kind: 'ok' }>['reply']['value']>().toEqualTypeOf<string>()
  })

  it('of asking beforehand are a decision', () => {
    expectTypeOf(plimsoll.decide({ target: 'a/b' })).resolves.toEqualTypeOf<Decision>()
  })

  it('of a refusal are known by its code', () => {
    const error: unknown = undefined
    if (PlimsollError.isInstance(error)) {
      expectTypeOf(error.code).toEqualTypeOf<ErrorCode>()
      expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>()
    }
  })

  it('are told as one union of events', () => {
    expectTypeOf<Extract<PlimsollEvent, { type: 'call.finished' }>['usage']>().toEqualTypeOf<Usage>()
  })
})
