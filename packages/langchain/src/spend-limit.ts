import { LangChainError, stampRetryable } from '@langchain/core/errors'
import { AIMessage } from '@langchain/core/messages'
import type { BaseMessage } from '@langchain/core/messages'
import type { Prices, PriceTable } from '@plimsoll/core'
import { PlimsollError } from '@plimsoll/core'
import { createMiddleware } from 'langchain'
import type { AgentMiddleware } from 'langchain'
import { z } from 'zod'
import { spentBy } from './spent.ts'
import type { Spent } from './spent.ts'

/** What may be spent: whichever comes first, where both are said. */
export interface SpendLimit {
  readonly tokens?: number
  /** Needs `prices`. */
  readonly usd?: number
}

export interface SpendLimitOptions {
  /** Of all runs of a conversation together; kept in its state, and so by the agent's checkpointer. */
  readonly threadLimit?: SpendLimit
  /** Of one run: one `invoke`, however many calls it makes. */
  readonly runLimit?: SpendLimit
  /**
   * What happens in place of the next call: `'end'` ends the agent with a message that says so, `'error'` throws a
   * `SpendLimitError`. @defaultValue 'end'
   */
  readonly exitBehavior?: 'end' | 'error'
  /** By target id or model id, or a source such as `genaiPrices()`. Only limits in `usd` need them. */
  readonly prices?: PriceTable | Prices
}

type Holder = 'thread' | 'run'

/** A conversation or a run has spent what it may. Not retried; in an agent it is the cause of a `MiddlewareError`. */
export class SpendLimitError extends LangChainError {
  override name = 'SpendLimitError'
  readonly of: Holder
  readonly unit: 'tokens' | 'usd'
  readonly limit: number
  readonly spent: number

  constructor({ of, unit, limit, spent }: Pick<SpendLimitError, 'of' | 'unit' | 'limit' | 'spent'>) {
    const amount = unit === 'usd' ? `$${limit}` : `${limit} tokens`
    super(`This ${of === 'run' ? 'run' : 'conversation'} has spent the ${amount} that it may.`)
    this.of = of
    this.unit = unit
    this.limit = limit
    this.spent = spent
    stampRetryable(this, false)
  }
}

const spentSchema = z.object({ tokens: z.number(), usd: z.number() }).default({ tokens: 0, usd: 0 })
// With a bar in front they are the agent's own: neither taken as input nor given as output.
const stateSchema = z.object({ _threadSpent: spentSchema, _runSpent: spentSchema })

const NOTHING: Spent = { tokens: 0, usd: 0 }

/**
 * Ends an agent that has spent what it may, in tokens or in money, in a run or in the whole conversation.
 *
 * ```ts
 * const limit = spendLimitMiddleware({ runLimit: { tokens: 50_000 }, threadLimit: { usd: 1 }, prices })
 * const agent = createAgent({ model, tools, middleware: [limit, plimsollMiddleware(plimsoll)] })
 * ```
 * It looks before each call at what was spent, so that the last one may go beyond: budgets of Plimsoll reserve ahead. It
 * needs no Plimsoll. An answer that says nothing of its usage is counted by its length.
 *
 * @throws {PlimsollError} `invalid-config` for a limit that is no amount, or in money without `prices`; (the agent)
 * `unknown-price` for a model whose price is not among them
 */
export function spendLimitMiddleware(options: SpendLimitOptions): AgentMiddleware {
  const { threadLimit, runLimit, exitBehavior = 'end', prices } = options
  check('threadLimit', threadLimit, prices)
  check('runLimit', runLimit, prices)
  const inMoney = threadLimit?.usd !== undefined || runLimit?.usd !== undefined

  function exceeded({ _threadSpent, _runSpent }: State): SpendLimitError | undefined {
    return over('thread', threadLimit, _threadSpent) ?? over('run', runLimit, _runSpent)
  }

  return createMiddleware({
    name: 'SpendLimitMiddleware',
    stateSchema,
    beforeAgent: () => ({ _runSpent: NOTHING }),
    beforeModel: {
      canJumpTo: ['end'],
      hook(state) {
        const error = exceeded(state)
        if (error === undefined) return undefined
        if (exitBehavior === 'error') throw error
        return { jumpTo: 'end', messages: [new AIMessage(error.message)] }
      },
    },
    afterModel({ messages, _threadSpent = NOTHING, _runSpent = NOTHING }) {
      const spent = spentBy(messages as BaseMessage[], inMoney ? prices : undefined)
      return { _threadSpent: sum(_threadSpent, spent), _runSpent: sum(_runSpent, spent) }
    },
  }) as unknown as AgentMiddleware
}

interface State {
  readonly _threadSpent?: Spent | undefined
  readonly _runSpent?: Spent | undefined
}

function over(of: Holder, limit: SpendLimit = {}, spent: Spent = NOTHING): SpendLimitError | undefined {
  for (const unit of ['tokens', 'usd'] as const) {
    const most = limit[unit]
    if (most !== undefined && spent[unit] >= most)
      return new SpendLimitError({ of, unit, limit: most, spent: spent[unit] })
  }
  return undefined
}

function sum(one: Spent, other: Spent): Spent {
  return { tokens: one.tokens + other.tokens, usd: one.usd + other.usd }
}

function check(name: string, limit: SpendLimit | undefined, prices: SpendLimitOptions['prices']): void {
  for (const unit of ['tokens', 'usd'] as const) {
    const most = limit?.[unit]
    if (most === undefined) continue
    if (!Number.isFinite(most) || most < 0)
      throw invalid(`\`${name}.${unit}\` is ${most}; use a number of 0 or more.`)
    if (unit === 'usd' && prices === undefined)
      throw invalid(`\`${name}.usd\` needs to know what models cost: pass \`prices\`.`)
  }
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({ code: 'invalid-config', message })
}
